namespace Devloop.Starlark;

/// <summary>What is wrong with a program, and where.</summary>
/// <param name="Message">In lower case and without a full stop; what it names stands in backticks.</param>
public sealed record Problem(string Message, Span At);
