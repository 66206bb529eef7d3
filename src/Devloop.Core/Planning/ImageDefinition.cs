using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Diagnostics;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Text;

namespace Devloop.Planning;

/// <summary>An image with its Dockerfile and ignore rules read: what it is built on, what it reads, what it is.</summary>
public sealed class ImageDefinition
{
    private readonly string _root;
    private readonly string _context;
    private readonly BaseResolution _resolution;

    private readonly BuildVariables _variables;

    /// <summary>What its bases bring, as far as it is known, by the text that names them.</summary>
    private readonly ImmutableDictionary<string, BaseImage> _knownBases = ImmutableDictionary<string, BaseImage>.Empty;

    /// <param name="variants">The Dockerfile for each platform of the image, at least one.</param>
    internal ImageDefinition(string root, ImageTarget target, ImmutableArray<ResolvedDockerfile> variants, BuildVariables variables, ContextFilter filter,
        ImmutableArray<string> ignoreFiles, string ignoreText, BaseResolution resolution)
    {
        ResolvedDockerfile dockerfile = variants[0];
        (_root, Target, Variants, _variables, Filter, IgnoreFiles, _resolution) = (root, target, variants, variables, filter, ignoreFiles, resolution);
        _context = ProjectPath.Absolute(root, target.Context);
        ReducedDockerfile = Reduced(variants);
        Bases = [.. resolution.Images.Values.Distinct().Order()];
        ExternalBases = ExternalIn(variants);
        using FieldHash identity = new();
        Identity = identity
            .Add("key", ContentKeys.Of(this, ContextSnapshot.Empty, ImmutableDictionary<ImageName, ImageDigest>.Empty, ImmutableDictionary<string, string>.Empty).Value)
            .Add("text", dockerfile.Dockerfile.Source.Content)
            .Add("context", target.Context)
            .Add("ignore file", ignoreText)
            .Add("ignore", string.Join('\n', target.Ignore))
            .Add("only", string.Join('\n', target.Only))
            .Add("contexts", string.Join('\n', resolution.Images.Select(b => $"{b.Key.Start} {b.Value}").Concat(resolution.Replaced.Select(r => $"{r.Key.Start} {r.Value}")).Order(StringComparer.Ordinal)))
            .Add("secrets", string.Join('\n', target.Secrets.Select(s => $"{s.Id} {s.File} {s.Variable}")))
            .Add("ssh", string.Join('\n', target.Ssh.Select(a => $"{a.Id} {a.Socket}")))
            .Add("builder", Demanded(target))
            .Add("live update", LiveUpdateText.Of(target.LiveUpdate))
            .Add("taken", target.ContextOf is null ? null : filter.InputsText)
            .Add("entrypoint", target.Entrypoint is null ? null : string.Join('\n', target.Entrypoint.Words))
            .ToHex();
    }

    /// <summary>The same, but for what is known of its bases.</summary>
    private ImageDefinition(ImageDefinition source, ImmutableDictionary<string, BaseImage> bases)
    {
        (_root, _context, Target, _variables, IgnoreFiles, _resolution, Bases, Identity) =
            (source._root, source._context, source.Target, source._variables, source.IgnoreFiles, source._resolution, source.Bases, source.Identity);
        (_knownBases, Variants, Filter, ReducedDockerfile, ExternalBases) = (bases, source.Variants, source.Filter, source.ReducedDockerfile, source.ExternalBases);
        (SyncSources, SyncFilter) = (source.SyncSources, source.SyncFilter);
    }

    private ImageDefinition(ImageDefinition source, ImmutableArray<ResolvedDockerfile> variants, ImmutableDictionary<string, BaseImage> bases)
    {
        (_root, _context, Target, _variables, IgnoreFiles, _resolution, Bases, Identity) =
            (source._root, source._context, source.Target, source._variables, source.IgnoreFiles, source._resolution, source.Bases, source.Identity);
        _knownBases = bases;
        Variants = variants;
        Filter = source.Filter.Reading(InputPatterns.Union(variants.Select(InputPatterns.Of)));
        SyncSources = source.SyncSources;
        SyncFilter = Filter.AlsoReading(SyncSources);
        ReducedDockerfile = Reduced(variants);
        ExternalBases = ExternalIn(variants);
    }

    private static string Reduced(ImmutableArray<ResolvedDockerfile> variants) => string.Join('\n', variants.Select(DockerfileDigest.ReducedText));

    public ImageTarget Target { get; }

    public ImageName Name => Target.Name;

    /// <summary>As it is for the image's platform; for the first one when there are several.</summary>
    public ResolvedDockerfile Dockerfile => Variants[0];

    /// <summary>The Dockerfile for each platform of the image; they name the same images.</summary>
    public ImmutableArray<ResolvedDockerfile> Variants { get; }

    /// <summary>Decides which files of the context are inputs.</summary>
    public ContextFilter Filter { get; }

    /// <summary>What containers get of the context by steps of the config, of this image or of one that stands on it; relative to the context, empty is all of it.</summary>
    public ImmutableArray<string> SyncSources { get; private set; } = [];

    /// <summary>The inputs and what containers get besides them; null when the inputs hold all of that.</summary>
    public ContextFilter? SyncFilter { get; private set; }

    /// <summary>Build args with their values, those of the environment filled in.</summary>
    public ImmutableSortedDictionary<string, string> Args => _variables.Args;

    /// <summary>With absolute paths.</summary>
    public ImmutableArray<BuildSecret> Secrets => [.. Target.Secrets.Select(s => s.File is null ? s : s with { File = ProjectPath.Absolute(_root, s.File) })];

    /// <summary>With absolute paths.</summary>
    public ImmutableArray<SshAgent> Ssh => [.. Target.Ssh.Select(a => a.Socket is null ? a : a with { Socket = ProjectPath.Absolute(_root, a.Socket) })];

    /// <summary>Where ignore rules are looked for, present or not; relative to the project.</summary>
    public ImmutableArray<string> IgnoreFiles { get; }

    /// <summary>The images of the project that a build of the target reads.</summary>
    public ImmutableArray<ImageName> Bases { get; }

    /// <summary>The images from elsewhere that a build of the target reads, as resolved; sorted.</summary>
    public ImmutableArray<string> ExternalBases { get; }

    /// <summary>What the target reaches of the Dockerfile, for the key.</summary>
    public string ReducedDockerfile { get; }

    /// <summary>The build args that the build reads.</summary>
    public IEnumerable<KeyValuePair<string, string>> UsedArgs => Variants.SelectMany(v => v.UsedArgs).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Where(Args.ContainsKey).Select(a => KeyValuePair.Create(a, Args[a]));

    /// <summary>Another whenever anything about the image but its context's content changed.</summary>
    public string Identity { get; private set; }

    /// <summary>The Dockerfile's path for messages.</summary>
    public string DockerfileName => Dockerfile.Dockerfile.Source.File;

    /// <summary>The mentions of the images that stages stand on: what their configs bring takes part in the build.</summary>
    public IEnumerable<ImageMention> Parents => Variants.SelectMany(v => v.Bases).Where(m => m.Kind == MentionKind.From).Distinct();

    /// <summary>
    /// The same image once it is known what its bases bring: their triggers read files too, and their variables stand in paths. Until then
    /// triggers are not seen, and a path with a variable that only a base can have counts as the whole context.
    /// </summary>
    /// <param name="bases">What is known, by the text of <see cref="Parents"/>.</param>
    /// <returns>This very definition when nothing of that is new; its identity is the same in any case.</returns>
    public Parsed<ImageDefinition> Knowing(ImmutableDictionary<string, BaseImage> bases)
    {
        bool matters = bases.Values.Any(b => !b.OnBuild.IsEmpty) || Variants.Any(v => v.Stages.Any(s => s.Instructions.Any(i => i.IsUncertain || i.IsTrigger)));
        if (!matters)
            return new Parsed<ImageDefinition>(KnowsAll(bases) ? this : new ImageDefinition(this, bases), []);
        Parsed<ResolvedDockerfile>[] resolved = [.. Variants.Select(v => DockerfileResolver.Resolve(v.Dockerfile, _variables with { TargetPlatform = v.Platform, BaseImages = bases }))];
        return resolved.FirstOrDefault(r => r.Value is null || r.HasErrors) is { } failed
            ? new Parsed<ImageDefinition>(null, failed.Diagnostics)
            : new Parsed<ImageDefinition>(new ImageDefinition(this, [.. resolved.Select(r => r.Value!)], bases), []);
    }

    /// <summary>The same image, of whose context containers get these paths; its identity tells them.</summary>
    internal ImageDefinition Syncing(ImmutableArray<string> sources)
    {
        if (sources.IsEmpty)
            return this;
        var syncing = (ImageDefinition)MemberwiseClone();
        syncing.SyncSources = sources;
        syncing.SyncFilter = Filter.AlsoReading(sources);
        using FieldHash hash = new FieldHash().Add("image", Identity).Add("synced", string.Join('\n', sources));
        syncing.Identity = hash.ToHex();
        return syncing;
    }

    private bool KnowsAll(ImmutableDictionary<string, BaseImage> bases) =>
        bases.Count == _knownBases.Count && bases.All(b => ReferenceEquals(_knownBases.GetValueOrDefault(b.Key), b.Value));

    /// <summary>What is known of an image that it stands on; null when nothing is.</summary>
    internal BaseImage? Known(ImageMention mention) => _knownBases.GetValueOrDefault(mention.Text);

    /// <summary>What is asked of the builder and is not in the key.</summary>
    private static string Demanded(ImageTarget target) => string.Join('\n',
    [
        $"{target.Demands.NoCache} {string.Join(' ', target.Demands.NoCacheStages)}",
        .. target.Demands.CacheFrom.Select(c => $"from {c.Type} {string.Join(' ', c.Attributes)}"),
        .. target.Demands.CacheTo.Select(c => $"to {c.Type} {string.Join(' ', c.Attributes)}"),
        .. target.Tags.Select(t => t.ToString()),
    ]);

    private ImmutableArray<string> ExternalIn(ImmutableArray<ResolvedDockerfile> variants) =>
        [.. variants.SelectMany(v => v.Bases).Where(m => !_resolution.Images.ContainsKey(m.Span)).Select(TextOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The image of the project that a mention means, or null for one from elsewhere.</summary>
    public ImageName? BaseAt(ImageMention mention) => _resolution.Images.TryGetValue(mention.Span, out ImageName image) ? image : null;

    /// <summary>The reference that a named context puts in the place of a mention; null when none does.</summary>
    public string? ReplacementAt(ImageMention mention) => _resolution.Replaced.GetValueOrDefault(mention.Span);

    /// <summary>The reference that a mention comes to.</summary>
    public string TextOf(ImageMention mention) => ReplacementAt(mention) ?? mention.Text;

    /// <summary>Where the Dockerfile names a base.</summary>
    public SourceSpan? PlaceOf(ImageName image) => _resolution.Images.Where(b => b.Value == image).Select(b => b.Key).MinBy(s => s.Start);

    /// <summary>Whether a change of a file can change this image or what its containers get, and through which line; null when not.</summary>
    /// <param name="path">Relative to the project, or absolute.</param>
    /// <param name="known">The inputs as they were read last: links among them may lead to more, and a directory that goes, even one above the context, takes with it what is in it.</param>
    public BuildReason.FileChanged? Reads(string path, InputReading? known = null) => ReadsToBuild(path, known) ?? (IsSynced(path, known) ? new BuildReason.FileChanged(path, null, "sync") : null);

    /// <summary>Whether a path is no input, but containers get it.</summary>
    private bool IsSynced(string path, InputReading? known)
    {
        if (SyncFilter is null || InContext(path) is not { } inContext)
            return false;
        return (known?.Synced?.Filter ?? SyncFilter).Explain(inContext) is InputReason.Read
            || known?.Synced?.Snapshot.Find(inContext) is ContextNode.Directory or ContextNode.Link;
    }

    /// <summary>The same of the image alone.</summary>
    public BuildReason.FileChanged? ReadsToBuild(string path, InputReading? known = null)
    {
        if (known is not null && ProjectPath.Below(ProjectPath.Absolute(_root, path), _context) is not null)
            return Because(path, null);
        if (InContext(path) is not { } inContext)
            return null;
        ContextFilter filter = known?.Filter ?? Filter;
        if (filter.Explain(inContext) is InputReason.Read read)
            return Because(path, read.By[0].Instruction);
        return known?.Snapshot.Find(inContext) is ContextNode.Directory or ContextNode.Link ? Because(path, filter.LedTo(inContext)?.Instruction) : null;
    }

    /// <summary>Whether a path may lead to inputs: what is asked while they are being read and nobody knows yet which directories hold some.</summary>
    public BuildReason.FileChanged? MayLeadToInputs(string path) =>
        InContext(path) is { } inContext && (SyncFilter ?? Filter).Judge(inContext, EntryKind.Directory) != InputVerdict.Prune ? Because(path, Filter.LedTo(inContext)?.Instruction) : null;

    /// <summary>Whether the image reads a file, and which line of which file makes it so; null for a path outside of its context.</summary>
    /// <param name="path">Relative to the project, or absolute.</param>
    public PathVerdict? Explain(string path) => InContext(path) is not { } inContext ? null : Filter.Explain(inContext) switch
    {
        InputReason.Read read when Because(path, read.By[0].Instruction) is var by =>
            new PathVerdict(Name, true, $"read by `{by.Instruction}`", by.Line is null ? null : read.By[0].Instruction?.Span.File, by.Line),
        InputReason.Hidden { ByConfig: true } hidden => new PathVerdict(Name, false, $"hidden by `ignore: {hidden.By.Text}`", hidden.By.At?.File, hidden.By.At?.Line),
        InputReason.Hidden hidden => new PathVerdict(Name, false, $"hidden by `{hidden.By.Text}`", hidden.By.At?.File, hidden.By.At?.Line),
        InputReason.Unread when IsSynced(path, null) => new PathVerdict(Name, true, "taken by `sync`", Target.LiveUpdate?.At?.File, Target.LiveUpdate?.At?.Line),
        InputReason.NotInOnly => new PathVerdict(Name, false, "left out by `only`", Target.At?.File, Target.At?.Line),
        _ => new PathVerdict(Name, false, "no instruction reads it", DockerfileName, null),
    };

    /// <summary>A path as one of the context, when the image reads it; null when it does not.</summary>
    /// <param name="path">Relative to the project, or absolute.</param>
    internal string? InputAt(string path) => InContext(path) is { } inContext && Filter.Explain(inContext) is InputReason.Read ? inContext : null;

    private string? InContext(string path) =>
        ProjectPath.Below(_context, ProjectPath.Absolute(_root, path)) is { } inside && inside != "." ? inside : null;

    /// <summary>A trigger stands in no line of this image's own Dockerfile.</summary>
    private BuildReason.FileChanged Because(string path, Instruction? reader) =>
        reader is null || Target.ContextOf is not null || reader.Span.File == DockerfileName
            ? new BuildReason.FileChanged(path, reader?.FirstLine, reader?.ToString())
            : new BuildReason.FileChanged(path, null, $"ONBUILD {reader}");
}
