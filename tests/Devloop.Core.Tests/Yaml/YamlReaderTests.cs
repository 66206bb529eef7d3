using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Text;
using Devloop.Yaml;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Core.Tests.Yaml;

public class YamlReaderTests
{
    [Fact]
    public void Every_node_knows_its_place()
    {
        var map = Root("images:\n  api: {context: \"a b\"}\nlist:\n- one\n").ShouldBeOfType<YamlMapping>();
        Places(map).ShouldBe(["a b 2:18", "images 1:1", "api 2:3", "context 2:9", "list 3:1", "one 4:3"], ignoreOrder: true);
    }

    [Fact]
    public void Merge_keys_take_over_what_a_mapping_does_not_say_itself_and_earlier_goes_before_later()
    {
        var map = (YamlMapping)Root("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 0\n");
        var c = (YamlMapping)map.Entries[2].Value;
        c.Entries.Select(e => e.Key.Value + ((YamlScalar)e.Value).Value).ShouldBe(["x0", "y1", "z2"]);
    }

    [Fact]
    public void A_key_that_stands_twice_is_left_for_the_reader_to_report() =>
        ((YamlMapping)Root("a: 1\na: 2\n")).Entries.Select(e => e.Key.At.Line).ShouldBe([1, 2]);

    [Fact]
    public void An_alias_is_the_node_it_names()
    {
        var map = (YamlMapping)Root("a: &x [1]\nb: *x\n");
        map.Entries[1].Value.ShouldBeSameAs(map.Entries[0].Value);
    }

    [Fact]
    public void An_unknown_alias_is_told_and_the_rest_is_read()
    {
        Parsed<YamlStream> parsed = Read("a: &first 1\nb: *frist\nc: 3\n");
        Diagnostic problem = parsed.Diagnostics.ShouldHaveSingleItem();
        problem.Message.ShouldBe("the alias `*frist` has no anchor");
        problem.Help.ShouldBe("an anchor with a similar name exists: `&first`");
        YamlDocument document = parsed.Value!.Documents.ShouldHaveSingleItem();
        document.IsWhole.ShouldBeFalse();
        ((YamlMapping)document.Root).Entries.Length.ShouldBe(3);
    }

    [Fact]
    public void Documents_before_a_break_in_the_syntax_are_given_and_empty_ones_left_out()
    {
        Parsed<YamlStream> parsed = Read("a: 1\n---\n\n---\nb: [1\n");
        parsed.Diagnostics.ShouldHaveSingleItem().At!.ToString().ShouldBe("devloop.yaml:5:4");
        parsed.Value!.Documents.ShouldHaveSingleItem().IsWhole.ShouldBeTrue();
    }

    [Theory]
    [InlineData("a:\n\tb: c\n", 2, "a tab indents this line")]
    [InlineData("a: 1\nb:\n\tc: {}\n", 3, "a tab indents this line")]
    [InlineData("a: \"x\n", 1, "this quoted text is not closed")]
    [InlineData("a: \"\\q\"\n", 1, "this escape is not known")]
    [InlineData("a: \"\\x1g\"\n", 1, "this escape is not known")]
    [InlineData("a: [1, 2\nb: 3\n", 1, "this list or mapping in brackets is not closed")]
    [InlineData("a: b: c\n", 1, "a key and its value are not expected here")]
    [InlineData("a: b\n c: d\n", 2, "a key and its value are not expected here")]
    [InlineData("a: 1\nb\nc: 2\n", 2, "a line is neither a `key: value` nor part of the one before")]
    [InlineData("a: @b\n", 1, "this character cannot begin a value")]
    [InlineData("a: 1\n- b\n", 2, "this line does not fit the lines around it")]
    [InlineData("a: &x [*x]\n", 1, "the alias `*x` stands inside what it names")]
    public void What_is_no_yaml_is_told_in_our_words_with_its_place(string yaml, int line, string message)
    {
        Diagnostic problem = Read(yaml).Diagnostics.ShouldHaveSingleItem();
        (problem.Code, problem.Message, problem.At!.Line).ShouldBe((DiagnosticCode.ConfigSyntax, message, line));
    }

    [Fact]
    public void Deep_nesting_is_refused() =>
        Read("a: " + new string('[', 5000)).Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("the YAML is nested too deeply");

    [Fact]
    public void Aliases_that_multiply_cost_nothing_until_they_are_written_out()
    {
        string bomb = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(Enumerable.Range(1, 30).Select(i => $"l{i}: &l{i} [{string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 10))}]\n"));
        Read(bomb).Diagnostics.ShouldBeEmpty();
    }

    [Fact]
    public void Merge_keys_that_multiply_are_refused()
    {
        string bomb = "l0: &l0 {k0: 0}\n" + string.Concat(Enumerable.Range(1, 2000).Select(i => $"l{i}: &l{i} {{<<: *l{i - 1}, k{i}: 0}}\n"));
        Read(bomb).Diagnostics.ShouldHaveSingleItem().Message.ShouldBe("the YAML has too many nodes");
    }

    [Fact]
    public void No_text_makes_the_reader_throw_or_point_outside_the_file()
    {
        string[] parts = ["version: 1\n", "images:\n", "- ", "  ", "\n", ": ", "{", "}", "[", "]", ",", "\"", "'", "&a ", "*a", "<<: ", "|\n", ">-\n", "\t", "#", "---\n", "...\n", "!!int ", "!x ", "%YAML 1.1\n", "? ", "a", "\uD800", "\0", "\\u12", "ä", "@", "`", "\r\n", "\uFEFF", "!<"];
        Prop.ForAll(Gen.Elements(parts).ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            Parsed<YamlStream> parsed = Read(text);
            parsed.Value.ShouldNotBeNull();
            parsed.Diagnostics.ShouldAllBe(d => d.At!.End <= text.Length);
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(40));
    }

    private static Parsed<YamlStream> Read(string text) => YamlReader.Read(new SourceText("devloop.yaml", text), DiagnosticCode.ConfigSyntax);

    private static YamlNode Root(string text)
    {
        Parsed<YamlStream> parsed = Read(text);
        parsed.Diagnostics.ShouldBeEmpty();
        return parsed.Value!.Documents.ShouldHaveSingleItem().Root;
    }

    private static IEnumerable<string> Places(YamlNode node) => node switch
    {
        YamlScalar scalar => [$"{scalar.Value} {scalar.At.Line}:{scalar.At.Column}"],
        YamlSequence sequence => sequence.Items.SelectMany(Places),
        YamlMapping mapping => mapping.Entries.SelectMany(e => Places(e.Key).Concat(Places(e.Value))),
        _ => [],
    };
}
