using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Dockerfiles;

public class ContextFilterTests
{
    private static ContextFilter Filter(string lines, string[]? ignore = null, string[]? config = null, string[]? only = null) =>
        new(InputPatterns.Of(Given.Resolved("FROM scratch\n" + lines)), Given.Ignore(ignore ?? []), Given.Ignore(config ?? []), only);

    /// <summary>Walks a tree as the reader does: a directory before what is in it, pruned ones never.</summary>
    private static string[] Walk(ContextFilter filter, params string[] files)
    {
        var found = new List<string>();
        Enter("");
        return [.. found];

        void Enter(string directory)
        {
            foreach (string path in files.Where(f => f.StartsWith(directory, StringComparison.Ordinal)).Select(f => f.IndexOf('/', directory.Length) is >= 0 and var slash ? f[..(slash + 1)] : f).Distinct())
            {
                EntryKind kind = path.EndsWith('/') ? EntryKind.Directory : EntryKind.File;
                InputVerdict verdict = filter.Judge(path.TrimEnd('/'), kind);
                if (kind == EntryKind.File && verdict == InputVerdict.Include)
                    found.Add(path);
                else if (kind == EntryKind.Directory && verdict != InputVerdict.Prune)
                    Enter(path);
            }
        }
    }

    private static readonly string[] Tree = ["a.txt", "b.md", "src/main.go", "src/x/y.go", "src/x/z.txt", "doc/a.md", "lib/src/q.go"];

    [Theory]
    [InlineData("COPY . /", "a.txt b.md src/main.go src/x/y.go src/x/z.txt doc/a.md lib/src/q.go")]
    [InlineData("COPY src /", "src/main.go src/x/y.go src/x/z.txt")]
    [InlineData("COPY src/x/ a.txt /", "a.txt src/x/y.go src/x/z.txt")]
    [InlineData("COPY *.md /", "b.md")]
    [InlineData("COPY */x /", "src/x/y.go src/x/z.txt")]
    [InlineData("COPY s[q-s]c/*.go /", "src/main.go")]
    [InlineData("COPY --parents **/*.go /", "src/main.go src/x/y.go lib/src/q.go")]
    [InlineData("COPY --exclude=*.txt src/x /", "src/x/y.go")]
    [InlineData("COPY --exclude=**/*.go --exclude=x src /", "")]
    [InlineData("COPY --exclude=x src /\nCOPY src/x/y.go /", "src/main.go src/x/y.go")]
    [InlineData("COPY --exclude=*.txt *.* /", "b.md")]
    [InlineData("COPY --parents --exclude=src/x src /", "src/main.go")]
    [InlineData("COPY --parents --exclude=x ./src/./ /", "src/main.go")]
    [InlineData("RUN x", "")]
    public void Only_what_instructions_read_is_an_input(string lines, string expected) =>
        string.Join(' ', Walk(Filter(lines), Tree)).ShouldBe(expected);

    [Fact]
    public void The_ignore_file_hides_and_takes_back()
    {
        Walk(Filter("COPY . /", ["src", "!src/x/y.go", "**/*.md"]), Tree).ShouldBe(["a.txt", "src/x/y.go", "lib/src/q.go"]);
    }

    [Fact]
    public void The_config_hides_in_addition_and_only_narrows()
    {
        Walk(Filter("COPY . /", ["*.md"], ["src/x"]), Tree).ShouldBe(["a.txt", "src/main.go", "doc/a.md", "lib/src/q.go"]);
        Walk(Filter("COPY . /", ["*", "!src"], ["src/main.go", "!src/x"]), Tree).ShouldBe(["src/x/y.go", "src/x/z.txt"]);
        Walk(Filter("COPY . /", only: ["src/x", "*.txt"]), Tree).ShouldBe(["a.txt", "src/x/y.go", "src/x/z.txt"]);
        Walk(Filter("COPY src/x/y.go /", only: ["src"]), Tree).ShouldBe(["src/x/y.go"]);
    }

    [Fact]
    public void A_directory_on_the_way_is_only_entered()
    {
        ContextFilter filter = Filter("COPY src/x/y.go /");
        filter.Judge("src", EntryKind.Directory).ShouldBe(InputVerdict.Descend);
        filter.Judge("src", EntryKind.File).ShouldBe(InputVerdict.Prune);
        filter.Judge("lib", EntryKind.Directory).ShouldBe(InputVerdict.Prune);
        Filter("COPY src /").Judge("src", EntryKind.Directory).ShouldBe(InputVerdict.Include);
    }

    [Fact]
    public void Links_that_lead_to_a_source_are_inputs_with_what_they_lead_to()
    {
        ContextFilter filter = Filter("COPY current/app.conf /\nCOPY *.lnk /\n");
        filter.Judge("current", EntryKind.Symlink).ShouldBe(InputVerdict.Include);
        filter.Judge("other", EntryKind.Symlink).ShouldBe(InputVerdict.Prune);

        ContextFilter next = filter.FollowLinks([Link("current", "releases/latest"), Link("a.lnk", "/data/a"), Link("b.lnk", "../../out")]).ShouldNotBeNull();
        next.Judge("releases/latest", EntryKind.Symlink).ShouldBe(InputVerdict.Include);
        next.Judge("data/a", EntryKind.File).ShouldBe(InputVerdict.Include);
        next.Judge("out", EntryKind.File).ShouldBe(InputVerdict.Include);

        ContextFilter last = next.FollowLinks([Link("current", "releases/latest"), Link("releases/latest", "v2")]).ShouldNotBeNull();
        last.Judge("releases/v2/app.conf", EntryKind.File).ShouldBe(InputVerdict.Include);
        last.Judge("releases/v2/other", EntryKind.File).ShouldBe(InputVerdict.Prune);
        last.FollowLinks([Link("current", "releases/latest"), Link("releases/latest", "v2")]).ShouldBeNull();
    }

    [Fact]
    public void Links_inside_a_copied_directory_are_not_followed_and_circles_end()
    {
        Filter("COPY src /").FollowLinks([Link("src/l", "../doc")]).ShouldBeNull();
        Filter("COPY a/f /").FollowLinks([Link("a", "a"), Link("b", "a")]).ShouldBeNull();
        ContextFilter? filter = Filter("COPY a/f /").FollowLinks([Link("a", "b/a"), Link("b", ".")]);
        filter.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("COPY ?/?/a.go /", "b=b/c")]
    [InlineData("COPY */*/x */y /", "a=b/a b=a/b c=a/c/b")]
    [InlineData("COPY self/me/me/me /", "self/me=.")]
    public void Following_links_that_lead_into_themselves_comes_to_an_end(string line, string tree)
    {
        ContextEntry[] links = [.. tree.Split(' ').Select(l => Link(l.Split('=')[0], l.Split('=')[1]))];
        ContextFilter filter = Filter(line);
        for (int readings = 1; filter.FollowLinks(links) is { } wider; readings++)
        {
            readings.ShouldBeLessThan(10);
            filter = wider;
        }
        filter.Inputs.Length.ShouldBeLessThan(5000);
    }

    [Fact]
    public void It_explains_which_instruction_reads_a_path_or_which_line_hides_it()
    {
        ContextFilter filter = Filter("COPY src /\nCOPY src/main.go /\n", ["*.md", "src/x"], ["lib"], null);
        filter.Explain("src/main.go").ShouldBeOfType<InputReason.Read>().By.Select(p => p.Line).ShouldBe([2, 3]);
        filter.Explain("src/x/y.go").ShouldBeOfType<InputReason.Hidden>().By.LineNumber.ShouldBe(2);
        filter.Explain("lib/src/q.go").ShouldBeOfType<InputReason.Hidden>().ByConfig.ShouldBeTrue();
        filter.Explain("a.txt").ShouldBeOfType<InputReason.Unread>();
        Filter("COPY . /", only: ["src"]).Explain("a.txt").ShouldBeOfType<InputReason.NotInOnly>();
    }

    [Fact]
    public void Walking_with_pruning_finds_what_explaining_every_path_finds()
    {
        Gen<string> name = Gen.Elements("a", "b", "c");
        Gen<string> path = name.NonEmptyListOf().Select(p => string.Join('/', p.Take(3).Append("f" + p.Count)));
        Gen<string> pattern = Gen.Elements("a", "a/*", "*/b", "**/c", "b/a", "*", "a/b/", "?/f2", "f*", ".");
        Gen<string> ignore = Gen.Elements("a", "!a/b", "**/f3", "!**/c", "b", "!b/c/**", "*", "!f1", "*/c");
        var cases = from paths in path.ListOf() from sources in pattern.NonEmptyListOf() from hide in ignore.ListOf() from exclude in Gen.Elements("", "", "--exclude=b ", "--exclude=**/f2 --exclude=!a ")
                    select (paths.Distinct().ToArray(), $"COPY {exclude}{string.Join(' ', sources)} /x", hide.ToArray());
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            ContextFilter filter = Filter(c.Item2, c.Item3);
            Walk(filter, c.Item1).Order().ShouldBe(c.Item1.Where(p => filter.Explain(p) is InputReason.Read).Order());
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static ContextEntry Link(string path, string target) => Snapshots.Link(path, target);
}
