using Devloop.Diagnostics;
using Devloop.Model;

namespace Devloop.Adapters.Docker;

/// <summary>Says that a node did not take an image in.</summary>
internal static class LoadFailure
{
    /// <param name="why">The last line of the program in the node, or a few words of ours.</param>
    public static Diagnostic Of(ImageReference reference, string node, string why) =>
        Diagnostic.Error(DiagnosticCode.LoadFailed, $"`{reference.Familiar}` was not loaded into the node `{node}`") with
        {
            Notes = [why],
            Help = $"`docker exec {node} df -h` shows whether the node runs and has room; the next save, or the next run, loads it again without building",
        };
}
