using System.Collections.Immutable;
using System.Text;
using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Support;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Adapters.Tests.BuildKit.Conformance;

/// <summary>A context and a Dockerfile.</summary>
/// <param name="Dockerfile">Lines after an implied <c>FROM scratch</c>, unless one begins with FROM or ARG.</param>
internal sealed record InputsCase(string Dockerfile)
{
    public static readonly ImmutableArray<string> UsualTree =
    [
        "a.txt", "b.md", "c.go", ".hidden", "a b.txt", "ä/ü.txt", "dir/a.txt", "dir/b.md", "dir/sub/c.go", "dir/sub/deep/d.txt", "dir/sub/empty/",
        "src/main.go", "src/lib/x.go", "src/lib/y.txt", "src/lib/.keep", "src2/z.go", "[x]", "x*y", "b\\c", "data.tar", "Dockerfile", "up/..x",
    ];

    public string Text => Dockerfile.StartsWith("FROM", StringComparison.Ordinal) || Dockerfile.StartsWith("ARG", StringComparison.Ordinal) || Dockerfile.StartsWith('#')
        ? Dockerfile : "FROM scratch\n" + Dockerfile;

    /// <summary>Files; directories with a slash at their end; links as <c>name -> target</c>.</summary>
    public ImmutableArray<string> Tree { get; init; } = UsualTree;

    /// <summary>The context's <c>.dockerignore</c>; null when there is none.</summary>
    public string? Ignore { get; init; }

    /// <summary><c>Dockerfile.dockerignore</c>, beside the Dockerfile.</summary>
    public string? OwnIgnore { get; init; }

    public string? Target { get; init; }

    public ImmutableArray<(string Name, string Value)> Args { get; init; } = [];

    /// <summary>What is right where the engine is too old to be asked, from the language's documentation; files and links only.</summary>
    public ImmutableArray<string>? Documented { get; init; }

    /// <summary>Why devloop has more than BuildKit asks for; null where both have the same.</summary>
    public string? Besides { get; init; }

    public TemporaryDirectory WriteContext()
    {
        var files = new TemporaryDirectory();
        foreach (string entry in Tree)
        {
            if (entry.EndsWith('/'))
            {
                Directory.CreateDirectory(files[entry]);
            }
            else if (entry.Split(" -> ") is [var name, var target])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(files[name])!);
                File.CreateSymbolicLink(files[name], target);
            }
            else
            {
                files.Write(entry, entry);
            }
        }
        if (Ignore is not null)
            files.Write(".dockerignore", Ignore);
        return files;
    }

    public OracleQuestion Question(ContextSnapshot whole) =>
        new([("Dockerfile", Text), .. OwnIgnore is null ? [] : new[] { ("Dockerfile.dockerignore", OwnIgnore) }])
        {
            Context = whole,
            Attributes = Args.Select(a => ("build-arg:" + a.Name, a.Value)).Concat(Target is null ? [] : [("target", Target)]).ToDictionary(),
        };

    /// <summary>What devloop takes for the inputs, directories with a slash at their end; or why it refuses.</summary>
    public async Task<(string[] Inputs, Diagnostic? Problem)> OwnInputsAsync(string context)
    {
        Parsed<Dockerfile> file = DockerfileReader.Read(new SourceText("Dockerfile", Text));
        if (file.Diagnostics.FirstOrDefault() is { } unreadable)
            return ([], unreadable);
        Parsed<InputPatterns> patterns = InputPatterns.Of(file.Value!, new BuildVariables { Target = Target, Args = Args.ToImmutableSortedDictionary(a => a.Name, a => a.Value, StringComparer.Ordinal) });
        Parsed<IgnoreRules> ignore = IgnoreRules.Read(new SourceText(".dockerignore", OwnIgnore ?? Ignore ?? ""));
        if (patterns.Diagnostics.Concat(ignore.Diagnostics).FirstOrDefault() is { } problem)
            return ([], problem);
        var reader = new ContextReader();
        for (ContextFilter? filter = new(patterns.Value!, ignore.Value); ;)
        {
            ContextSnapshot read = (await reader.ReadAsync(context, filter, CancellationToken.None)).ShouldBeOfType<ContextReading.Read>().Snapshot;
            ContextFilter? wider = filter.FollowLinks(read.Entries);
            if (wider is null)
                return ([.. read.Entries.Select(e => e.Kind == EntryKind.Directory ? e.Path + "/" : e.Path)], null);
            filter = wider;
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder(Text.ReplaceLineEndings("⏎"));
        if (Target is not null)
            text.Append(" target=").Append(Target);
        text.AppendJoin("", Args.Select(a => $" {a.Name}={a.Value}"));
        if (Ignore is not null)
            text.Append(" ignore=").Append(Ignore.ReplaceLineEndings("⏎"));
        if (OwnIgnore is not null)
            text.Append(" own ignore=").Append(OwnIgnore.ReplaceLineEndings("⏎"));
        if (Tree != UsualTree)
            text.Append(" tree=").AppendJoin(' ', Tree);
        return text.ToString();
    }
}
