using System.Diagnostics;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Devloop.Model;

namespace Devloop.Adapters.Tests.Live;

/// <summary>Containers of images whose file systems are looked at, changed or as they come.</summary>
internal static class StoppedContainers
{
    /// <summary>What the engine itself puts into every container, and what <see cref="ChangedAsync"/> does.</summary>
    private static readonly string[] NotOfTheImage = [".dockerenv", "dev", "proc", "sys", "etc", Tools];

    private const string Tools = ".devloop-test";

    /// <summary>Says that a directory stands where none may.</summary>
    private const int Refused = 9;

    /// <summary>A line for each path of an image: kind, mode, owner, content or target.</summary>
    public static async Task<string[]> AsBuiltAsync(string image)
    {
        string container = Text(await DockerAsync(null, "create", "--network", "none", image, "/none"));
        try
        {
            return await ListAsync(container);
        }
        finally
        {
            await DockerAsync(null, "rm", "--force", "--volumes", container);
        }
    }

    /// <summary>The same of a container of an image after entries were written in it; null when one was refused.</summary>
    public static async Task<string[]?> ChangedAsync(string image, IEnumerable<OverlayEntry> entries)
    {
        string container = Text(await DockerAsync(null, "create", "--network", "none", "--user", "0:0", "--workdir", "/", "--entrypoint", $"/{Tools}/busybox", image, "sh", $"/{Tools}/apply"));
        try
        {
            await DockerAsync(Archive([.. entries]), "cp", "-", $"{container}:/");
            (int code, _, string errors) = await RunAsync(null, ["start", "--attach", container]);
            if (code == Refused)
                return null;
            return code == 0 ? await ListAsync(container) : throw new InvalidOperationException($"{code}: {errors}");
        }
        finally
        {
            await DockerAsync(null, "rm", "--force", "--volumes", container);
        }
    }

    public static async Task TagAsync(string image, string name) => await DockerAsync(null, "tag", image, name);

    public static async Task RemoveAsync(IEnumerable<string> images)
    {
        foreach (string[] some in images.Distinct().Chunk(50))
            await RunAsync(null, ["rmi", "--force", .. some]);
    }

    private static byte[] Archive(OverlayEntry[] entries)
    {
        var script = new StringBuilder("set -e\nb() { /" + Tools + "/busybox \"$@\"; }\nowner() { if [ -e \"$1\" ] || [ -L \"$1\" ]; then b stat -c %u:%g \"$1\"; else b stat -c %u:%g \"${1%/*}/\"; fi; }\n");
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, Tools) { Mode = (UnixFileMode)0x1ED });
            for (int i = 0; i < entries.Length; i++)
            {
                if (entries[i] is OverlayEntry.File file)
                    Put(tar, $"{Tools}/{i}", File.ReadAllBytes(file.Source));
                Append(script, entries[i], i);
            }
            Put(tar, $"{Tools}/apply", Encoding.UTF8.GetBytes(script.ToString()));
            Put(tar, $"{Tools}/busybox", File.ReadAllBytes("/bin/busybox"));
        }
        return archive.ToArray();
    }

    private static void Append(StringBuilder script, OverlayEntry entry, int number)
    {
        string path = Quote(entry.Path);
        string owner = entry.Owner is { } known ? $"{known.User}:{known.Group}" : "$owner";
        if (entry.Owner is null && entry is not OverlayEntry.Gone)
            script.Append($"owner=$(owner {path})\n");
        script.Append(entry switch
        {
            OverlayEntry.Gone => $"b rm -rf {path}\n",
            OverlayEntry.Link link => $"b rm -rf {path}\nb ln -s {Quote(link.Target)} {path}\nb chown -h {owner} {path}\n",
            OverlayEntry.Directory directory => $"if [ ! -d {path} ] || [ -L {path} ]; then b rm -rf {path}; b mkdir {path}; fi\nb chown {owner} {path}\nb chmod {Octal(directory.Mode)} {path}\n",
            OverlayEntry.File file => $"{(file.NeverDirectory ? $"if [ -d {path} ]; then exit {Refused}; fi\n" : "")}b rm -rf {path}\nb cp /{Tools}/{number} {path}\nb chown {owner} {path}\nb chmod {Octal(file.Mode)} {path}\n",
            _ => throw new UnreachableException(),
        });
    }

    private static async Task<string[]> ListAsync(string container)
    {
        byte[] exported = await DockerAsync(null, "export", container);
        var lines = new List<string>();
        using var tar = new TarReader(new MemoryStream(exported));
        while (await tar.GetNextEntryAsync() is { } entry)
        {
            string name = entry.Name.Trim('/');
            if (name.Length == 0 || NotOfTheImage.Contains(name.Split('/')[0]))
                continue;
            string what = entry.EntryType switch
            {
                TarEntryType.Directory => "/",
                TarEntryType.SymbolicLink => $" -> {entry.LinkName}",
                _ => " " + (entry.DataStream is null ? "empty" : Convert.ToHexStringLower(await SHA256.HashDataAsync(entry.DataStream))[..12]),
            };
            lines.Add($"/{name}{what} {(entry.EntryType == TarEntryType.SymbolicLink ? "" : Octal((int)entry.Mode))} {entry.Uid}:{entry.Gid}");
        }
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static void Put(TarWriter tar, string path, byte[] content) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { Mode = (UnixFileMode)0x1ED, DataStream = new MemoryStream(content) });

    private static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string Octal(int mode) => Convert.ToString(mode, 8);

    private static string Text(byte[] output) => Encoding.UTF8.GetString(output).Trim();

    private static async Task<byte[]> DockerAsync(byte[]? input, params string[] arguments)
    {
        (int code, byte[] output, string errors) = await RunAsync(input, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"docker {arguments[0]}: {errors}");
    }

    private static async Task<(int ExitCode, byte[] Output, string Errors)> RunAsync(byte[]? input, string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("docker", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var output = new MemoryStream();
        Task copied = process.StandardOutput.BaseStream.CopyToAsync(output);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input ?? []);
        process.StandardInput.Close();
        await copied;
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToArray(), await errors);
    }
}
