using Devloop.Text;

namespace Devloop.Model;

/// <summary>A secret that <c>RUN --mount=type=secret</c> may read. Its identity is its id: the value is in no key, layer, log or state.</summary>
/// <param name="File">Where the value is, relative to the project or absolute; null when it is in the environment.</param>
/// <param name="Variable">The environment variable that has the value; null when it is in a file.</param>
/// <param name="At">Where the config says so.</param>
public sealed record BuildSecret(string Id, string? File, string? Variable, SourceSpan? At);

/// <summary>An SSH agent that <c>RUN --mount=type=ssh</c> may use. Its identity is its id.</summary>
/// <param name="Socket">The agent's socket, relative to the project or absolute; null is that of <c>SSH_AUTH_SOCK</c>.</param>
/// <param name="At">Where the config says so.</param>
public sealed record SshAgent(string Id, string? Socket, SourceSpan? At);
