using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Planning.Live;
using Devloop.Ports;
using Devloop.Testing;
using Devloop.Testing.Scenarios;

namespace Devloop.Core.Tests.Planning.Live;

/// <summary>
/// A project with the images <c>base</c> (context <c>base</c>) and <c>app</c> (context <c>app</c>), and two states of their files. Files are
/// written <c>app/a.txt=content</c>, links <c>app/l -&gt; target</c>, directories <c>app/d/</c>; <c>!700</c> at the end sets the mode.
/// </summary>
internal sealed class InferredCase
{
    private readonly FakeFileTree _files = new();
    private readonly Dictionary<string, ImmutableDictionary<string, BaseImage>> _known = [];
    private string _config = "images:\n  app: {context: app}\n";

    public static InferredCase Of(string dockerfile)
    {
        var one = new InferredCase();
        one._files.Write("app/Dockerfile", dockerfile);
        return one;
    }

    public InferredCase On(string baseDockerfile)
    {
        _files.Write("base/Dockerfile", baseDockerfile);
        _config = "images:\n  base: {context: base}\n  app: {context: app}\n";
        return this;
    }

    public InferredCase Config(string images)
    {
        _files.Write("other/present", "");
        _config = "images:\n" + images;
        return this;
    }

    public InferredCase Ignoring(string text)
    {
        _files.Write("app/.dockerignore", text);
        return this;
    }

    public InferredCase Knowing(string image, string text, BaseImage known)
    {
        _known[image] = _known.GetValueOrDefault(image, ImmutableDictionary<string, BaseImage>.Empty).SetItem(text, known);
        return this;
    }

    /// <summary>An external base without triggers, variables and directory.</summary>
    public InferredCase KnowingBase(string text, string directory = "/") =>
        Knowing("app", text, BaseImage.Of([], []) with { WorkingDirectory = directory });

    public ResolvedProject Project()
    {
        _files.Write("devloop.yaml", "version: 1\nname: shop\n" + _config);
        ResolvedProject project = FakeWork.Load(_files) is { Value: { } loaded } ? loaded : throw new InvalidOperationException(string.Join('\n', FakeWork.Load(_files).Diagnostics.Select(d => d.Message)));
        return project.Knowing([.. project.Images.Select(i => i.Knowing(_known.GetValueOrDefault(i.Name.Value, ImmutableDictionary<string, BaseImage>.Empty)).Value!)]);
    }

    public LiveRules Rules(RestartPolicy restart = RestartPolicy.Auto) => Project() is var project ? LiveRulesFactory.Inferred(project, project.Image(new ImageName("app")), restart) : null!;

    public LivePlan Between(string before, string after, params LivePath[] doubtful)
    {
        ResolvedProject project = Project();
        return LiveRulesFactory.Inferred(project, project.Image(new ImageName("app")), RestartPolicy.Auto).Between(Content(project, before), Content(project, after), doubtful);
    }

    /// <summary>What is to be done, one entry a line as <see cref="Show"/> writes it; or what stands in the way, as <c>build: words</c>.</summary>
    public string Plan(string before, string after, params LivePath[] doubtful) => Between(before, after, doubtful) switch
    {
        LivePlan.Update update => string.Join("; ", update.Entries.Select(Show)),
        LivePlan.Build build => $"build: {build.Why.Text}",
        _ => "",
    };

    public static string Show(OverlayEntry entry) => entry switch
    {
        OverlayEntry.File file => $"{file.Path} {Octal(file.Mode)}{OwnerOf(file)} <- {file.Source["/project/".Length..]}{(file.NeverDirectory ? " (no directory)" : "")}",
        OverlayEntry.Directory directory => $"{directory.Path}/ {Octal(directory.Mode)}{OwnerOf(directory)}",
        OverlayEntry.Link link => $"{link.Path} -> {link.Target}{OwnerOf(link)}",
        _ => $"no {entry.Path}",
    };

    private static string OwnerOf(OverlayEntry entry) => entry.Owner is null ? " as before" : entry.Owner == FileOwner.Root ? "" : $" {entry.Owner.Value.User}:{entry.Owner.Value.Group}";

    private static string Octal(int mode) => Convert.ToString(mode, 8);

    private static LiveContent Content(ResolvedProject project, string files)
    {
        string[] all = files.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new LiveContent(project.Images.ToImmutableSortedDictionary(i => i.Name, i =>
        {
            ContextSnapshot whole = Snapshots.Of("/project/" + i.Target.Context, all.Where(f => f.StartsWith(i.Target.Context + "/", StringComparison.Ordinal)).Select(f => Entry(f[(i.Target.Context.Length + 1)..])));
            for (ContextFilter filter = i.Filter; ; )
            {
                ContextSnapshot inputs = Snapshots.Of(whole.Root!, whole.Entries.Where(e => filter.Judge(e.Path, e.Kind) != InputVerdict.Prune));
                if (filter.FollowLinks(inputs.Links) is not { } wider)
                    return inputs;
                filter = wider;
            }
        }));
    }

    private static ContextEntry Entry(string written)
    {
        string[] parts = written.Split('!');
        int? mode = parts.Length > 1 ? Convert.ToInt32(parts[1], 8) : null;
        string[] link = parts[0].Split(" -> "), file = parts[0].Split('=');
        return link.Length == 2 ? Snapshots.Link(link[0], link[1])
            : file.Length == 2 ? Snapshots.File(file[0], file[1], mode ?? 0x1A4)
            : Snapshots.Directory(parts[0].TrimEnd('/'), mode ?? 0x1ED);
    }
}
