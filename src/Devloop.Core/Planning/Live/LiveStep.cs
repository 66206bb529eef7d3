using System.Collections.Immutable;
using Devloop.Dockerfiles;
using Devloop.Model;

namespace Devloop.Planning.Live;

/// <summary>One thing that made the file system of an image, with the instruction that says so.</summary>
internal abstract record LiveStep(ImageDefinition Image, Instruction Instruction)
{
    private const int MostText = 80;

    /// <summary>The instruction for people, in backticks and not too long.</summary>
    public string Text => Quote(Instruction);

    /// <param name="path">Relative to the project; null when it is about none.</param>
    /// <param name="what">What follows the instruction, such as <c>may read it</c>.</param>
    public LiveObstacle InTheWay(string? path, string what) => InTheWay(Image, Instruction, path, $"{Text} {what}");

    /// <summary>A trigger stands in no file of the project.</summary>
    public static LiveObstacle InTheWay(ImageDefinition image, Instruction instruction, string? path, string text) =>
        instruction.Span.File == image.DockerfileName ? new(path, text, image.DockerfileName, instruction.FirstLine) : new(path, text, null, null);

    public static string Quote(Instruction instruction)
    {
        string text = instruction.ToString().ReplaceLineEndings(" ");
        return text.Length <= MostText ? $"`{text}`" : $"`{text[..MostText]}…`";
    }

    /// <summary>COPY, or ADD of what is no address, from a context.</summary>
    /// <param name="Context">The image whose context it is.</param>
    /// <param name="Mode">Of <c>--chmod</c>, for files and directories alike; null keeps theirs.</param>
    /// <param name="Unpacks">A file may be an archive.</param>
    /// <param name="Doubt">What follows the instruction when something about it cannot be repeated; null when all can.</param>
    public sealed record Copy(ImageDefinition Image, Instruction Instruction, ImageName Context, ImmutableArray<LiveSource> Sources, LiveOwner Owner, int? Mode, bool Unpacks, string? Doubt)
        : LiveStep(Image, Instruction);

    /// <summary>WORKDIR: makes a directory where there is none.</summary>
    public sealed record MakeDirectory(ImageDefinition Image, Instruction Instruction, string Path, LiveOwner? Owner) : LiveStep(Image, Instruction);

    /// <summary>What it does with files is not known: RUN, a base from elsewhere, a copy from another image.</summary>
    /// <param name="Region">It writes at or below this path only; null is anywhere.</param>
    /// <param name="ReadsFiles">What it does may depend on any file of the image.</param>
    /// <param name="Mounts">What of contexts it reads directly.</param>
    /// <param name="Why">What follows the instruction: why what stands in its region cannot be told.</param>
    public sealed record Opaque(ImageDefinition Image, Instruction Instruction, string? Region, bool ReadsFiles, ImmutableArray<LiveReader> Mounts, string Why) : LiveStep(Image, Instruction);
}

/// <summary>Something that reads a context, and whose result cannot be given to a container.</summary>
/// <param name="Context">The image whose context it is.</param>
/// <param name="Why">What follows the instruction.</param>
internal sealed record LiveReader(ImageDefinition Image, Instruction Instruction, ImageName Context, InputPattern Pattern, LiveSource? Source, string Why)
{
    public LiveObstacle InTheWay(string path) => LiveStep.InTheWay(Image, Instruction, path, $"{LiveStep.Quote(Instruction)} {Why}");
}

/// <summary>Something that takes files out of a stage that the image stands on.</summary>
/// <param name="UpTo">It sees what the steps before this number made.</param>
/// <param name="Paths">What it takes, absolute; null is everything.</param>
internal sealed record LiveTap(ImageDefinition Image, Instruction Instruction, int UpTo, ImmutableArray<string>? Paths)
{
    public bool Takes(string path) => Paths is null || Paths.Value.Any(p => ContainerPath.IsAtOrBelow(path, p) || ContainerPath.IsAtOrBelow(p, path));

    public LiveObstacle InTheWay(string? path) => LiveStep.InTheWay(Image, Instruction, path, $"{LiveStep.Quote(Instruction)} takes it from there");
}
