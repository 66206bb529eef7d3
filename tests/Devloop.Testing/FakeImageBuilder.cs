using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Testing;

/// <summary>
/// "Builds" by hashing what an order says: the same order gives the same digest, any other content another one. Scripts, by image,
/// make builds fail, hold or give a chosen digest; the last script of an image counts until <see cref="Succeed"/>.
/// </summary>
/// <param name="contentAt">The content of a file by its absolute path, null when it is gone: gives what the real builder gives when a file changed since it was hashed. Without it files never change.</param>
public sealed class FakeImageBuilder(FakeImageStore store, Func<string, byte[]?>? contentAt = null) : IImageBuilder
{
    private readonly Lock _lock = new();
    private readonly List<BuildOrder> _orders = [];
    private readonly Dictionary<ImageName, Func<BuildOrder, BuildOutcome>> _failures = [];
    private readonly Dictionary<ImageName, ImageDigest> _digests = [];
    private readonly Dictionary<ImageName, (HeldBuild Hold, string? Says)> _holds = [];

    /// <summary>Every order so far, also those that failed or were cancelled, in the order in which they began.</summary>
    public ImmutableArray<BuildOrder> Orders
    {
        get
        {
            lock (_lock)
                return [.. _orders];
        }
    }

    /// <summary>Takes all scripts of an image back.</summary>
    public void Succeed(ImageName image)
    {
        lock (_lock)
        {
            _failures.Remove(image);
            _digests.Remove(image);
            _holds.Remove(image);
        }
    }

    /// <summary>Makes a step fail: DL3001 at a line of the Dockerfile.</summary>
    public void FailStep(ImageName image, int line, int exitCode, params string[] output) => Fail(image, order => new BuildOutcome.Failed([
        Diagnostic.Error(DiagnosticCode.BuildStepFailed, $"image `{order.Image}` did not build: exit code {exitCode}") with
        {
            At = new SourceText(order.DockerfileName, order.DockerfileText).Line(line),
            Label = "this step failed",
            Notes = [.. output],
            Help = $"save a fix to rebuild only `{order.Image}` and what stands on it",
        }]));

    /// <summary>Makes the engine be out of reach when this image is built.</summary>
    public void FailEnvironment(ImageName image) => Fail(image, _ => new BuildOutcome.Failed([
        Diagnostic.Error(DiagnosticCode.EngineUnreachable, "the Docker Engine cannot be reached") with { Help = "start the engine" }]) { Environment = true });

    /// <summary>Makes the next builds of an image be lost with the engine.</summary>
    public void Lose(ImageName image, int builds = 1) => Fail(image, order =>
    {
        if (--builds <= 0)
            Succeed(order.Image);
        return new BuildOutcome.Lost(Diagnostic.Error(DiagnosticCode.BuilderLost, $"image `{order.Image}` did not build: the connection to the Docker Engine was lost"));
    });

    public void Fail(ImageName image, Func<BuildOrder, BuildOutcome> failure)
    {
        lock (_lock)
            _failures[image] = failure;
    }

    /// <summary>Makes builds of an image give this digest whatever they read: an edit that changes no output.</summary>
    public void Yield(ImageName image, ImageDigest digest)
    {
        lock (_lock)
            _digests[image] = digest;
    }

    /// <summary>Holds the next build of an image.</summary>
    /// <param name="says">A line of output that it gives first.</param>
    public HeldBuild Hold(ImageName image, string? says = null)
    {
        var hold = new HeldBuild();
        lock (_lock)
            _holds[image] = (hold, says);
        return hold;
    }

    /// <summary>What it says of itself; from the start it can do everything.</summary>
    public BuilderAbilities Abilities { get; set; } = new() { Name = "the fake builder", BuildKit = new Version(0, 99), KeepsContent = true };

    public Task<BuilderAbilities> AbilitiesAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Abilities);
    }

    public async Task<BuildOutcome> BuildAsync(BuildOrder order, IProgress<BuildProgress> progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        const string id = "sha256:step", step = "[1/1] COPY";
        (HeldBuild Hold, string? Says)? held = null;
        Func<BuildOrder, BuildOutcome>? failure;
        ImageDigest? chosen;
        lock (_lock)
        {
            _orders.Add(order);
            if (_holds.Remove(order.Image, out (HeldBuild, string?) found))
                held = found;
            failure = _failures.GetValueOrDefault(order.Image);
            chosen = _digests.TryGetValue(order.Image, out ImageDigest digest) ? digest : null;
        }

        progress.Report(new BuildProgress.StepStarted(id, step));
        if (held is { } hold)
        {
            if (hold.Says is not null)
                progress.Report(new BuildProgress.Output(id, hold.Says, IsError: false));
            await hold.Hold.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        BuildOutcome outcome = Changed(order) is { } path ? new BuildOutcome.Obsolete(path)
            : failure is not null ? failure(order)
            : new BuildOutcome.Built(chosen ?? DigestOf(order));
        if (outcome is BuildOutcome.Built built)
            store.Add(built.Digest, ConfigOf(order));
        progress.Report(new BuildProgress.StepFinished(id, step, TimeSpan.Zero, Cached: false,
            outcome is BuildOutcome.Failed failed ? failed.Diagnostics[0].Message : null));
        return outcome;
    }

    /// <summary>What the target's own ENV, ONBUILD, ENTRYPOINT and CMD put into the image's config; of the last two the form with words.</summary>
    private static BaseImage ConfigOf(BuildOrder order)
    {
        Dockerfile? file = DockerfileReader.Read(new SourceText(order.DockerfileName, order.DockerfileText)).Value;
        var variables = new BuildVariables { Args = order.Args, Target = order.Target };
        if (file is null || DockerfileResolver.Resolve(file, variables).Value?.Target is not { } target)
            return BaseImage.Of([], []);
        return BaseImage.Of(
            target.Instructions.Where(i => i.Instruction.Name == "ENV").SelectMany(i => i.Pairs).Select(p => $"{p.Name}={p.Value}"),
            target.Instructions.Select(i => i.Instruction.Trigger).OfType<Instruction>().Select(t => $"{t.Name} {t.Arguments}")) with
        {
            Entrypoint = Words("ENTRYPOINT"),
            Command = Words("CMD"),
        };

        ImmutableArray<string> Words(string name) => [.. target.Instructions.LastOrDefault(i => i.Instruction.Name == name && i.Instruction.IsJson)?.Instruction.Words.Select(w => w.Text) ?? []];
    }

    /// <summary>The digest that an order gives when nothing is scripted.</summary>
    public static ImageDigest DigestOf(BuildOrder order)
    {
        var text = new StringBuilder();
        text.Append(order.DockerfileText).Append('\0').Append(order.Target).Append('\0').Append(order.Platform).Append('\0');
        foreach ((string name, string value) in order.Args.Concat(order.Labels))
            text.Append(name).Append('=').Append(value).Append('\0');
        foreach (ContextEntry e in order.Context.Entries)
            text.Append(e.Path).Append('\0').Append(e.Kind).Append('\0').Append(e.Mode).Append('\0').Append(e.LinkTarget).Append('\0').Append(e.Hash).Append('\0');
        return new ImageDigest("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()))));
    }

    private string? Changed(BuildOrder order)
    {
        if (contentAt is null || order.Context.Root is not { } root)
            return null;
        return order.Context.Files.FirstOrDefault(file =>
            contentAt(root + "/" + file.Path) is not { } content || ContentHash.Of(content) != file.Hash).Path;
    }
}
