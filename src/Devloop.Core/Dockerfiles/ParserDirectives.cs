using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;

namespace Devloop.Dockerfiles;

/// <summary>
/// The <c># name=value</c> lines at the top: <c>syntax</c>, <c>escape</c> and <c>check</c>, each once. The first line that is none of
/// them ends the search; BuildKit's rule.
/// </summary>
internal sealed class ParserDirectives(SourceText source)
{
    private bool _done;

    public char Escape { get; private set; } = '\\';

    public ImmutableArray<ParserDirective> Found { get; private set; } = [];

    public List<Diagnostic> Problems { get; } = [];

    /// <summary>Shows a line, without its leading space and its end.</summary>
    public void Offer(int start, int end)
    {
        if (_done)
            return;
        if (Match(start, end) is not { } directive || directive.Name is not ("syntax" or "escape" or "check"))
        {
            _done = true;
            return;
        }
        if (Found.Any(d => d.Name == directive.Name))
        {
            Problems.Add(DockerfileReader.Problem(directive.ValueSpan, $"only one `{directive.Name}` parser directive can be used"));
            return;
        }
        Found = Found.Add(directive);
        if (directive.Name != "escape")
            return;
        if (directive.Value is "`" or "\\")
            Escape = directive.Value[0];
        else
            Problems.Add(DockerfileReader.Problem(directive.ValueSpan, $"invalid escape token `{directive.Value}`", help: "the escape token is a backslash or a backtick"));
    }

    private ParserDirective? Match(int start, int end)
    {
        string text = source.Content;
        int at = start;
        if (at == end || text[at++] != '#')
            return null;
        SkipSpace();
        int name = at;
        while (at < end && char.IsAsciiLetterOrDigit(text[at]))
            at++;
        if (at == name || !char.IsAsciiLetter(text[name]))
            return null;
        string found = text[name..at].ToLowerInvariant();
        SkipSpace();
        if (at == end || text[at++] != '=')
            return null;
        SkipSpace();
        int valueEnd = end;
        while (valueEnd > at && char.IsWhiteSpace(text[valueEnd - 1]))
            valueEnd--;
        return valueEnd == at ? null : new ParserDirective(found, text[at..valueEnd], source.Span(at, valueEnd - at));

        void SkipSpace()
        {
            while (at < end && char.IsWhiteSpace(text[at]))
                at++;
        }
    }
}
