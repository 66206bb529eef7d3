using System.Collections.Immutable;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Rollout;

namespace Devloop.Web.Views;

/// <summary>Reads the engine's state into the dashboard's words.</summary>
internal static class StateReading
{
    public static StateView Read(EngineState state, string target) => new(
        state.Project.Config.Name,
        target,
        [.. state.Project.Graph.BottomUp.Where(state.Images.ContainsKey).Select(name => Image(state, name))],
        [.. state.Project.Resources.Where(r => state.Resources.ContainsKey(r.Name)).Select(r => Resource(state, r))],
        Diagnostics(state.ConfigProblems))
    {
        Paused = state.Paused,
    };

    private static ImageView Image(EngineState state, ImageName name)
    {
        ImageState image = state.Images[name];
        HoldReason? hold = Holds.Of(state, name);
        return new ImageView(
            name.Value,
            StateWord(image, hold),
            image.Result?.Tag.Value,
            image.Result?.Digest.Value,
            image.Result?.Key.Value,
            [.. state.Project.Graph.Bases(name).Select(b => b.Value).Order(StringComparer.Ordinal)],
            hold?.Text,
            [.. image.Reasons.Select(r => new ReasonView(r.Path, r.Line, r.Text))],
            Diagnostics(image.Failure?.Diagnostics ?? []),
            Steps(image.Steps));
    }

    /// <summary>The context on its way is a step like any other.</summary>
    private static ImmutableArray<StepView> Steps(BuildSteps steps)
    {
        ImmutableArray<StepView> views = [.. steps.All.Select(Step)];
        return steps.Sending is null ? views : views.Add(new StepView("sending the context", null, null, null, "running", null, steps.Moved?.Percent));
    }

    private static StepView Step(BuildStep step)
    {
        bool runs = step.Outcome == StepOutcome.Running;
        return new StepView(step.Name.Text, step.Name.Stage, step.Name.Number, step.Name.Of, step.Outcome.ToString().ToLowerInvariant(),
            runs ? null : Math.Round(step.Took.TotalSeconds, 3), runs ? step.Moved?.Percent : null);
    }

    private static string StateWord(ImageState image, HoldReason? hold) => image switch
    {
        { Building.InBackground: true } => "built",
        { Building: not null } => "building",
        { Fingerprinting: { } work } when work != WorkId.None => "checking",
        { Pushing: { } work } when work != WorkId.None => "pushing",
        { Pulling: { } work } when work != WorkId.None => "pulling",
        { Failure: not null, Settled: true } => "failed",
        { Queued: not null } => "queued",
        { Settled: true, Result.Kind: BuildKind.Built } => "built",
        { Settled: true, Result.Kind: BuildKind.Reused or BuildKind.Pulled } => "reused",
        _ => hold is null ? "checking" : "waiting",
    };

    private static ResourceView Resource(EngineState state, ResourceDefinition definition)
    {
        ResourceState resource = state.Resources[definition.Name];
        bool deploys = resource.Deploying != WorkId.None, failed = !resource.Failure.IsEmpty;
        return new ResourceView(
            definition.Name.Value,
            deploys ? "deploying" : resource.Updates is not null ? "updating" : SwitchWord(resource.Control) ?? (failed ? "failed" : resource.Health.StatusWord()),
            deploys ? (resource.Local is null ? "being applied" : "running") : failed ? (resource.Local is null ? "not applied" : "its command failed") : resource.Health.Describe(),
            [.. definition.Images.Select(i => i.Value)],
            [.. definition.Settings.DependsOn.Select(d => d.Value)],
            definition.Settings.Labels,
            [.. definition.Settings.PortForwards.Select(Url)],
            definition.Settings.Links,
            (resource.Deployed is null && !failed && !deploys) || Wishes.AwaitsTrigger(state, definition) ? Holds.OfDeploy(state, definition)?.Text : null,
            failed ? Diagnostics(resource.Failure) : Evidence(definition.Name, resource.Health))
        {
            Enabled = !resource.Control.Disabled,
            Trigger = definition.Settings.AutoTrigger ? "auto" : "manual",
        };
    }

    private static string? SwitchWord(ResourceControl control) => control.Removing != WorkId.None ? "removing" : control.Disabled ? "disabled" : null;

    /// <summary>What pods say of a failure stands where every other failure stands.</summary>
    private static ImmutableArray<DiagnosticView> Evidence(ResourceName name, Health health) => health is Health.Failed failed
        ? Diagnostics([Diagnostic.Error(DiagnosticCode.NotHealthy, $"resource `{name}` is not healthy: {failed.Reason}") with { Notes = failed.EvidenceLines() }])
        : [];

    private static string Url(PortForward forward) =>
        $"http://{(forward.Host is "0.0.0.0" or "::" ? forward with { Host = "127.0.0.1" } : forward).LocalText}";

    internal static ImmutableArray<DiagnosticView> Diagnostics(ImmutableArray<Diagnostic> diagnostics) =>
        [.. diagnostics.Select(d => new DiagnosticView(d.Code, d.Severity == Severity.Error ? "error" : "warning", d.Message, d.At?.File, d.At?.Line, d.At?.Column, d.Label, d.Notes, d.Help))];
}
