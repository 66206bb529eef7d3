using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>Reads an image and the bases of the project that it stands on, the lowest first.</summary>
internal sealed class ChainReading(ResolvedProject project)
{
    private readonly HashSet<ImageName> _closed = [];

    public ImmutableArray<LiveStep>.Builder Steps { get; } = ImmutableArray.CreateBuilder<LiveStep>();

    public ImmutableArray<LiveReader>.Builder Readers { get; } = ImmutableArray.CreateBuilder<LiveReader>();

    public ImmutableArray<LiveTap>.Builder Taps { get; } = ImmutableArray.CreateBuilder<LiveTap>();

    public Dictionary<ImageName, LiveTap> Beside { get; } = [];

    public LiveObstacle? Obstacle { get; private set; }

    public ImageCommand? Command { get; private set; } = new([], []);

    /// <summary>Where instructions run, as a path from the root; null when that is not known.</summary>
    private string? _directory = "";

    /// <summary>Null when that is not known.</summary>
    private string? _user = "";

    public void Read(ImageDefinition image)
    {
        if (image.Target.IsIndex || image.Variants.Length != 1)
        {
            Obstacle ??= new LiveObstacle(null, "it is built for several platforms, or with attestations", image.Target.At?.File, image.Target.At?.Line);
            return;
        }
        ResolvedDockerfile dockerfile = image.Dockerfile;
        if (dockerfile.Dockerfile.Syntax is { } syntax && !IsOfDocker(syntax.Value))
        {
            Obstacle ??= new LiveObstacle(null, $"`# syntax={syntax.Value}` is a language of its own", syntax.ValueSpan.File, syntax.ValueSpan.Line);
            return;
        }
        var stages = new Stack<ResolvedStage>();
        for (ResolvedStage? stage = dockerfile.Target; stage is not null; stage = stage.Parent is { } parent ? dockerfile.Stages.First(s => s.Index == parent) : null)
            stages.Push(stage);
        ReadBase(image, stages.Peek());
        var ends = new Dictionary<int, int>();
        foreach (ResolvedStage stage in stages)
        {
            var commands = new CommandReading(Command);
            var shell = new StageShell();
            foreach (ResolvedInstruction instruction in stage.Instructions)
            {
                commands.Take(instruction, shell);
                Take(image, stage, instruction, ends);
            }
            Command = commands.Result;
            ends[stage.Index] = Steps.Count;
        }
        foreach (ResolvedStage stage in dockerfile.Stages.Where(s => !ends.ContainsKey(s.Index)))
            ReadBeside(image, stage, ends);
        if (Obstacle is null && UnknownTriggers(image) is { } unknown)
            Obstacle = unknown;
    }

    private static bool IsOfDocker(string frontend) =>
        ImageReference.TryParse(frontend, out ImageReference? reference) && reference.FamiliarName is "docker/dockerfile" or "docker/dockerfile-upstream";

    private void ReadBase(ImageDefinition image, ResolvedStage root)
    {
        if (FromOf(root) is not { } mention)
            return;
        if (image.BaseAt(mention) is { } name)
        {
            Read(project.Image(name));
            return;
        }
        BaseImage? known = image.Known(mention);
        _directory = known is null ? null : ContextPath.Clean(known.WorkingDirectory);
        _user = null;
        Command = known is null ? null : new ImageCommand(known.Entrypoint, known.Command);
        Steps.Add(new LiveStep.Opaque(image, root.Stage.From, null, ReadsFiles: false, [], "may have it too"));
    }

    private static ImageMention? FromOf(ResolvedStage stage) => stage.Parent is null ? stage.Mentions.FirstOrDefault(m => m.Kind == MentionKind.From) : null;

    /// <summary>What a base runs in the images on it is known once its config is; of a base of the project its Dockerfile says whether there is any.</summary>
    private LiveObstacle? UnknownTriggers(ImageDefinition image)
    {
        foreach (ResolvedStage stage in image.Dockerfile.Stages)
        {
            if (FromOf(stage) is not { } mention || image.Known(mention) is not null)
                continue;
            if (image.BaseAt(mention) is not { } name || project.Image(name).Dockerfile.Target.Instructions.Any(i => i.Instruction.Name == "ONBUILD"))
                return LiveStep.InTheWay(image, stage.Stage.From, null, $"{LiveStep.Quote(stage.Stage.From)} may bring triggers, which are not known yet");
        }
        return null;
    }

    private void Take(ImageDefinition image, ResolvedStage stage, ResolvedInstruction resolved, Dictionary<int, int> ends)
    {
        Instruction instruction = resolved.Instruction;
        switch (instruction.Name)
        {
            case "USER":
                _user = resolved.IsUncertain ? null : resolved.Words.FirstOrDefault("");
                break;
            case "WORKDIR" when resolved.IsUncertain:
                _directory = null;
                Steps.Add(new LiveStep.Opaque(image, instruction, null, ReadsFiles: false, [], CopyReading.Uncertain));
                break;
            case "WORKDIR":
                string path = resolved.Words.FirstOrDefault("");
                _directory = path.StartsWith('/') ? ContextPath.Clean(path) : _directory is null ? null : ContextPath.Clean($"{_directory}/{path}");
                // Who owns it differs from one version of BuildKit to the next when the user is another.
                Steps.Add(_directory is null
                    ? new LiveStep.Opaque(image, instruction, null, ReadsFiles: false, [], CopyReading.Uncertain)
                    : new LiveStep.MakeDirectory(image, instruction, Rooted(_directory), _user is "" or "root" or "0" ? LiveOwner.Root : null));
                break;
            case "RUN":
                Tap(image, stage, resolved, ends);
                Steps.Add(new LiveStep.Opaque(image, instruction, null, ReadsFiles: true, [.. MountsOf(image, resolved, "mounts it")], "may have written it too"));
                break;
            case "COPY" or "ADD":
                TakeCopy(image, stage, resolved, ends);
                break;
        }
    }

    private void TakeCopy(ImageDefinition image, ResolvedStage stage, ResolvedInstruction resolved, Dictionary<int, int> ends)
    {
        var reading = new CopyReading(image, resolved, _directory, Steps.Count);
        ImageName? context = resolved.ReadsContext ? image.Name : DirectoryOf(image, stage, resolved);
        if (context is null)
        {
            Tap(image, stage, resolved, ends);
            Steps.Add(reading.Foreign());
            return;
        }
        Steps.Add(reading.FromContext(context.Value));
    }

    /// <summary>The image that stands for a directory which a named context names: its files are those of the directory.</summary>
    private ImageName? DirectoryOf(ImageDefinition image, ResolvedStage stage, ResolvedInstruction resolved) =>
        stage.Mentions.FirstOrDefault(m => m.Kind == MentionKind.CopyFrom && ReferenceEquals(m.Instruction, resolved.Instruction)) is { } mention
        && image.BaseAt(mention) is { } name && project.Image(name) is { Target.ContextOf: not null, Target.IsIndex: false, Variants.Length: 1 } ? name : null;

    /// <summary>Remembers what an instruction takes from stages and images.</summary>
    private void Tap(ImageDefinition image, ResolvedStage stage, ResolvedInstruction resolved, Dictionary<int, int> ends)
    {
        ImmutableArray<string>? paths = CopyReading.PlainSources(resolved);
        foreach (int from in resolved.Mounts.Select(m => m.FromStage).Append(resolved.FromStage).OfType<int>().Where(ends.ContainsKey))
            Taps.Add(new LiveTap(image, resolved.Instruction, ends[from], paths));
        foreach (ImageMention mention in stage.Mentions.Where(m => m.Kind != MentionKind.From && ReferenceEquals(m.Instruction, resolved.Instruction)))
            TapImage(image, mention);
    }

    private void TapImage(ImageDefinition image, ImageMention mention)
    {
        if (image.BaseAt(mention) is not { } name)
            return;
        var open = new Stack<ImageName>([name]);
        while (open.TryPop(out ImageName next))
        {
            Beside.TryAdd(next, new LiveTap(image, mention.Instruction, 0, null));
            if (!_closed.Add(next))
                continue;
            foreach (ImageName below in project.Image(next).Bases)
                open.Push(below);
        }
    }

    /// <summary>A stage that the target does not stand on, but takes something from.</summary>
    private void ReadBeside(ImageDefinition image, ResolvedStage stage, Dictionary<int, int> ends)
    {
        if (stage.Parent is { } parent && ends.TryGetValue(parent, out int end))
            Taps.Add(new LiveTap(image, stage.Stage.From, end, null));
        if (FromOf(stage) is { } mention)
            TapImage(image, mention);
        foreach (ResolvedInstruction resolved in stage.Instructions)
        {
            Tap(image, stage, resolved, ends);
            if (resolved.ReadsContext)
                Readers.AddRange(CopyReading.ReadersOf(image, image.Name, resolved, $"in stage `{stage.Stage.Label}` reads it"));
            Readers.AddRange(MountsOf(image, resolved, $"in stage `{stage.Stage.Label}` mounts it"));
        }
    }

    private static IEnumerable<LiveReader> MountsOf(ImageDefinition image, ResolvedInstruction resolved, string why) =>
        from mount in resolved.Mounts
        where mount is { Type: "bind", FromStage: null, FromImage: null }
        let source = resolved.IsUncertain ? "" : mount.Source ?? ""
        select new LiveReader(image, resolved.Instruction, image.Name, InputPattern.Of(source, resolved.Instruction), LiveSource.Of(source, resolved.Instruction, null, "/"), why);

    internal static string Rooted(string path) => path.Length == 0 ? "" : "/" + path;
}
