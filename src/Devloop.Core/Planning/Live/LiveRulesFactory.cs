using System.Diagnostics;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Makes the rules that the config asks for.</summary>
public static class LiveRulesFactory
{
    /// <returns>Null when the image has no live update.</returns>
    public static LiveRules? Of(ResolvedProject project, ImageDefinition image) => image.Target.LiveUpdate switch
    {
        null => null,
        LiveUpdate.Inferred inferred => Inferred(project, image, inferred.Restart),
        LiveUpdate.Declared declared => DeclaredRules.Of(project, image, declared),
        LiveUpdate other => throw new UnreachableException($"no rules for {other.GetType().Name}"),
    };

    /// <summary>The rules of what the Dockerfile proves, whatever the config says.</summary>
    public static LiveRules Inferred(ResolvedProject project, ImageDefinition image, RestartPolicy restart) => new InferredRules(project, image, restart);
}
