using System.Collections.Immutable;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Session;

namespace Devloop.Cli.Terminal;

/// <summary>Shows a run. Called from several threads; each call is one thing to tell, in the order it happened.</summary>
public interface IFace
{
    /// <summary>The config is read and the run begins.</summary>
    void Loaded(RunHeader header);

    void Tell(News news, EngineState state);

    /// <summary>What builds, pods and forwards say beside the steps of the engine.</summary>
    void Tell(SideNews news);

    /// <summary>The run is over.</summary>
    void Ended(RunOutcome outcome, EngineState state, TimeSpan took);
}

/// <param name="Target">Such as <c>cluster kind-dev</c>; null when nothing is deployed.</param>
public sealed record RunHeader(string ConfigFile, int Images, int Resources, string? Target, ImmutableArray<Diagnostics.Diagnostic> Warnings);
