using System.Collections.Immutable;
using System.Text;

namespace Devloop.Dockerfiles;

/// <summary>What expanding a word gave.</summary>
/// <param name="Text">The word with values in place of variables and without quotes.</param>
/// <param name="Used">The names that had a value and were asked for.</param>
/// <param name="Unset">The names that were asked for and have none.</param>
/// <param name="Error">What is wrong with the word, in lower case; null when nothing is. The text is then empty.</param>
public sealed record Expansion(string Text, ImmutableArray<string> Used, ImmutableArray<string> Unset, string? Error);

/// <summary>
/// Gives variables in a word their values and takes quotes and escapes off, as BuildKit's shell lexer does. The forms are
/// <c>$a ${a}</c>, <c>${a:-w} ${a-w} ${a:+w} ${a+w} ${a:?w} ${a?w}</c>, <c>${a#p} ${a##p} ${a%p} ${a%%p}</c> and <c>${a/p/w} ${a//p/w}</c>.
/// </summary>
public static class WordExpansion
{
    /// <param name="values">The value of a variable, or null when it has none.</param>
    /// <param name="escape">The Dockerfile's escape character.</param>
    public static Expansion Expand(string word, Func<string, string?> values, char escape = '\\')
    {
        if (word.AsSpan().IndexOfAny("$'\"") < 0 && !word.Contains(escape))
            return new Expansion(word, [], [], null);
        return new WordScan(word, values, escape, processesQuotes: true).Run();
    }

    /// <summary>Expands the body of a heredoc: quotes are ordinary characters there, and the escape is a backslash.</summary>
    public static Expansion ExpandHeredoc(string body, Func<string, string?> values) =>
        new WordScan(body, values, '\\', processesQuotes: false).Run();
}

internal sealed class WordScan(string word, Func<string, string?> values, char escape, bool processesQuotes)
{
    /// <summary>Deeper nesting of <c>${a:-${b:-...}}</c> is refused, long before the stack ends.</summary>
    private const int DeepestNesting = 200;

    private readonly List<string> _used = [];
    private readonly List<string> _unset = [];
    private int _at;
    private int _depth;
    private string? _error;

    public Expansion Run()
    {
        string text = UpTo('\0', keepsEscapes: false);
        return new Expansion(_error is null ? text : "", [.. _used], [.. _unset], _error);
    }

    /// <summary>Reads to the end, or past a stop character.</summary>
    private string UpTo(char stop, bool keepsEscapes)
    {
        var result = new StringBuilder();
        while (_error is null && _at < word.Length)
        {
            char c = word[_at];
            if (stop != '\0' && c == stop)
            {
                _at++;
                return result.ToString();
            }
            if (c == '$')
            {
                result.Append(Dollar());
            }
            else if (processesQuotes && c == '\'')
            {
                result.Append(SingleQuoted());
            }
            else if (processesQuotes && c == '"')
            {
                result.Append(DoubleQuoted(keepsEscapes));
            }
            else if (c == escape)
            {
                if (keepsEscapes)
                    result.Append(c);
                if (++_at < word.Length)
                    result.Append(word[_at++]);
            }
            else
            {
                result.Append(c);
                _at++;
            }
        }
        if (stop != '\0')
            _error ??= stop == '}' ? "`${` is not closed" : "`${name/pattern/replacement}` lacks its second `/`";
        return result.ToString();
    }

    private string SingleQuoted()
    {
        int close = word.IndexOf('\'', _at + 1);
        if (close < 0)
            return Fail("a single quote is not closed");
        string text = word[(_at + 1)..close];
        _at = close + 1;
        return text;
    }

    private string DoubleQuoted(bool keepsEscapes)
    {
        var result = new StringBuilder();
        _at++;
        while (_error is null && _at < word.Length)
        {
            char c = word[_at];
            if (c == '"')
            {
                _at++;
                return result.ToString();
            }
            if (c == '$')
            {
                result.Append(Dollar());
                continue;
            }
            _at++;
            if (c == escape)
            {
                if (keepsEscapes)
                    result.Append(c);
                if (_at == word.Length)
                    continue;
                if (word[_at] == '"' || word[_at] == '$' || word[_at] == escape)
                    c = word[_at++];
            }
            result.Append(c);
        }
        return Fail("a double quote is not closed");
    }

    private string Dollar()
    {
        _at++;
        if (_at >= word.Length || word[_at] != '{')
        {
            string plain = Name();
            return plain.Length == 0 ? "$" : Value(plain) ?? "";
        }
        if (++_depth > DeepestNesting)
            return Fail("variables are nested too deeply");
        _at++;
        string result = Braced();
        _depth--;
        return result;
    }

    private string Braced()
    {
        if (_at == word.Length)
            return Fail("`${` is not closed");
        if (word[_at] is '{' or '}' or ':')
            return Fail("bad substitution");
        string name = Name();
        if (_at == word.Length)
            return Fail("`${` is not closed");
        char modifier = word[_at++];
        bool emptyIsUnset = modifier == ':';
        if (emptyIsUnset)
        {
            if (_at == word.Length)
                return Fail("`${` is not closed");
            modifier = word[_at++];
        }
        switch (modifier)
        {
            case '}' when !emptyIsUnset:
                return Value(name) ?? "";
            case '/' when !emptyIsUnset:
                return Replaced(name);
            case '-' or '+' or '?' or '#' or '%':
                string operand = UpTo('}', keepsEscapes: modifier is '#' or '%');
                return _error is null ? Modified(name, modifier, operand, emptyIsUnset) : "";
            default:
                return Fail($"unsupported modifier `{(emptyIsUnset ? ":" : "")}{modifier}` in a substitution");
        }
    }

    private string Modified(string name, char modifier, string operand, bool emptyIsUnset)
    {
        string? value = Value(name);
        bool missing = value is null || (emptyIsUnset && value.Length == 0);
        switch (modifier)
        {
            case '-':
                return missing ? operand : value!;
            case '+':
                return missing ? "" : operand;
            case '?':
                string complaint = operand.Length > 0 ? operand : value is null ? "is not allowed to be unset" : "is not allowed to be empty";
                return missing ? Fail($"{name}: {complaint}") : value!;
            default:
                bool longest = operand.Length > 0 && operand[0] == modifier;
                if (ShellPattern.TryParse(longest ? operand[1..] : operand) is not { } pattern)
                    return Fail($"invalid pattern `{operand}` in a substitution");
                return modifier == '#' ? pattern.TrimStart(value ?? "", longest) : pattern.TrimEnd(value ?? "", longest);
        }
    }

    private string Replaced(string name)
    {
        bool all = _at < word.Length && word[_at] == '/';
        if (all)
            _at++;
        string pattern = UpTo('/', keepsEscapes: true);
        if (_error is not null)
            return "";
        string replacement = UpTo('}', keepsEscapes: true);
        if (_error is not null)
            return "";
        return ShellPattern.TryParse(pattern) is { } parsed ? parsed.Replace(Value(name) ?? "", replacement, all) : Fail($"invalid pattern `{pattern}` in a substitution");
    }

    /// <summary>Letters, digits and underscores; or digits only; or one special parameter such as <c>@</c>.</summary>
    private string Name()
    {
        int start = _at;
        if (_at < word.Length && char.IsDigit(word[_at]))
        {
            while (_at < word.Length && char.IsDigit(word[_at]))
                _at++;
        }
        else if (_at < word.Length && IsSpecial(word[_at]))
        {
            _at++;
        }
        else
        {
            while (_at < word.Length && (char.IsLetterOrDigit(word[_at]) || word[_at] == '_'))
                _at++;
        }
        return word[start.._at];
    }

    private static bool IsSpecial(char c) => c is '@' or '*' or '#' or '?' or '-' or '$' or '!';

    private string? Value(string name)
    {
        string? value = values(name);
        (value is null ? _unset : _used).Add(name);
        return value;
    }

    private string Fail(string error)
    {
        _error ??= error;
        _at = word.Length;
        return "";
    }
}
