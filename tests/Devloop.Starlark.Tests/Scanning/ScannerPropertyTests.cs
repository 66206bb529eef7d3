using Devloop.Starlark.Scanning;
using FsCheck;
using FsCheck.Fluent;

namespace Devloop.Starlark.Tests.Scanning;

/// <summary>What holds for every text, also for one that is no program.</summary>
public sealed class ScannerPropertyTests
{
    /// <summary>Texts of the pieces that decide things, in any order; a mere random text would hardly meet one of them.</summary>
    private static readonly Arbitrary<string> Texts = Gen.Elements(
            "a", "é", "😀", "\ud800", "r", "b", "rb", "'", "\"", "'''", "\"\"\"", "\\", "\\x4", "\\u12", "\n", "\r\n", "\r", " ", "  ", "\t", "#",
            "(", ")", "[", "]", "{", "}", "0", "0x", "0o", "1e", "9", ".", "=", "!", "//", "<<=", "?", "\0", "if", "class", "\uFEFF", ":", "1e999")
        .ListOf().Select(parts => string.Concat(parts)).ToArbitrary();

    [Fact]
    public void Spans_are_in_order_and_what_lies_between_is_white_space_comments_and_joined_lines() =>
        Prop.ForAll(Texts, text =>
        {
            Scan scan = Scanned.Of(text);
            int at = 0;
            foreach (Token token in scan.Tokens)
            {
                token.Span.Start.ShouldBeGreaterThanOrEqualTo(at);
                IsBetween(text[at..token.Span.Start]).ShouldBeTrue($"`{text[at..token.Span.Start]}` is in no token");
                at = token.Span.End;
            }
            at.ShouldBe(text.Length);
            scan.Tokens[^1].Kind.ShouldBe(TokenKind.EndOfFile);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Blocks_that_open_close() =>
        Prop.ForAll(Texts, text =>
        {
            int depth = 0;
            foreach (Token token in Scanned.Of(text).Tokens)
            {
                depth += token.Kind == TokenKind.Indent ? 1 : token.Kind == TokenKind.Outdent ? -1 : 0;
                depth.ShouldBeGreaterThanOrEqualTo(0);
            }
            depth.ShouldBe(0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Problems_lie_in_the_text_in_order_and_every_invalid_token_has_one() =>
        Prop.ForAll(Texts, text =>
        {
            Scan scan = Scanned.Of(text);
            scan.Problems.ShouldAllBe(p => p.At.Start >= 0 && p.At.End <= text.Length && p.Message.Length > 0);
            scan.Problems.Select(p => p.At.Start).ShouldBeInOrder();
            scan.Tokens.Where(t => t.Kind == TokenKind.Invalid).ShouldAllBe(t => scan.Problems.Any(p => p.At == t.Span));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    /// <summary>Judged by another way than the scanner's: comments out, joined lines out, then nothing but white space is left.</summary>
    private static bool IsBetween(string text)
    {
        string[] lines = text.TrimStart('\uFEFF').Split('\n');
        return lines.All(line => line.Split('#')[0].Replace("\\", "", StringComparison.Ordinal).All(c => c is ' ' or '\t' or '\r'));
    }
}
