using System.Collections.Immutable;
using Devloop.Config;
using Devloop.Model;

namespace Devloop.Planning;

/// <summary>Which local commands write what images and other local commands read.</summary>
public sealed class Producers
{
    private readonly ILookup<ImageName, ResourceName> _ofImages;
    private readonly ILookup<ResourceName, ResourceName> _ofLocals;
    private readonly ILookup<ResourceName, ImageName> _images;
    private readonly ILookup<ResourceName, ResourceName> _locals;
    private readonly Lazy<ImmutableDictionary<ResourceName, ImmutableHashSet<ImageName>>> _behind;

    private Producers((ImageName Image, ResourceName Local)[] images, (ResourceName Reader, ResourceName Local)[] locals, ResolvedProject project)
    {
        _ofImages = images.ToLookup(p => p.Image, p => p.Local);
        _images = images.ToLookup(p => p.Local, p => p.Image);
        _ofLocals = locals.ToLookup(p => p.Reader, p => p.Local);
        _locals = locals.ToLookup(p => p.Local, p => p.Reader);
        _behind = new(() => images.Length == 0 ? ImmutableDictionary<ResourceName, ImmutableHashSet<ImageName>>.Empty
            : project.Resources.ToImmutableDictionary(r => r.Name, r => Waiting(project, r.Name)));
    }

    internal static Producers In(ResolvedProject project)
    {
        LocalDefinition[] writers = [.. project.Resources.Select(r => r.Local).OfType<LocalDefinition>().Where(l => !l.Command.Produces.IsEmpty)];
        return new Producers(
            [.. from writer in writers from image in project.Images where writer.Command.Produces.Any(p => MayRead(project, image, p)) select (image.Name, writer.Command.Name)],
            [
                .. from writer in writers
                   from reader in project.Resources
                   where reader.Local is not null && reader.Name != writer.Command.Name && writer.Command.Produces.Any(reader.Local.Inputs.MayRead)
                   select (reader.Name, writer.Command.Name),
            ], project);
    }

    /// <summary>The local commands that write what an image reads, directly.</summary>
    public IEnumerable<ResourceName> Of(ImageName image) => _ofImages[image];

    /// <summary>The local commands that write what a local command reads.</summary>
    public IEnumerable<ResourceName> Of(ResourceName local) => _ofLocals[local];

    /// <summary>The images that read what a local command writes.</summary>
    public IEnumerable<ImageName> Images(ResourceName local) => _images[local];

    /// <summary>The local commands that read what a local command writes.</summary>
    public IEnumerable<ResourceName> Locals(ResourceName local) => _locals[local];

    /// <summary>Whether an image cannot be built before a resource is there, since what writes its inputs waits for that.</summary>
    public bool IsBehind(ImageName image, ResourceName resource) => _behind.Value.TryGetValue(resource, out var images) && images.Contains(image);

    /// <summary>A circle of images, resources and local commands that wait for one another, in words; null when there is none.</summary>
    internal static ImmutableArray<string>? CycleIn(ResolvedProject project)
    {
        ILookup<string, string> needs = NeedsIn(project).ToLookup(n => n.Who, n => n.Whom);
        return Cycle.Find([.. project.Resources.Select(r => Word(project, r.Name)), .. project.Images.Select(i => Word(i.Name))], n => needs[n]);
    }

    private static IEnumerable<(string Who, string Whom)> NeedsIn(ResolvedProject project)
    {
        foreach (ImageDefinition image in project.Images)
        {
            foreach (ImageName needed in project.Graph.Bases(image.Name))
                yield return (Word(image.Name), Word(needed));
            foreach (ResourceName local in project.Producers.Of(image.Name))
                yield return (Word(image.Name), Word(project, local));
        }
        foreach (ResourceDefinition resource in project.Resources)
        {
            foreach (ImageName image in resource.Images)
                yield return (Word(project, resource.Name), Word(image));
            foreach (ResourceName needed in resource.Settings.DependsOn.Concat(project.Producers.Of(resource.Name)))
                yield return (Word(project, resource.Name), Word(project, needed));
        }
    }

    private static string Word(ImageName image) => $"image `{image}`";

    private static string Word(ResolvedProject project, ResourceName name) =>
        project.Resources.Any(r => r.Name == name && r.Local is not null) ? $"local command `{name}`" : $"resource `{name}`";

    private static ImmutableHashSet<ImageName> Waiting(ResolvedProject project, ResourceName start)
    {
        ILookup<string, string> waiting = NeedsIn(project).ToLookup(n => n.Whom, n => n.Who);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([Word(project, start)]);
        while (open.TryPop(out string? node))
        {
            if (!reached.Add(node))
                continue;
            foreach (string next in waiting[node])
                open.Push(next);
        }
        return [.. project.Images.Select(i => i.Name).Where(i => reached.Contains(Word(i)))];
    }

    private static bool MayRead(ResolvedProject project, ImageDefinition image, string path) =>
        image.Reads(path) is not null || image.MayLeadToInputs(path) is not null
        || ProjectPath.Below(ProjectPath.Absolute(project.Config.Root, path), ProjectPath.Absolute(project.Config.Root, image.Target.Context)) is not null;
}
