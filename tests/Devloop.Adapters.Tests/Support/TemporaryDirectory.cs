using Devloop.Adapters.Files;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Support;

/// <summary>A directory of its own for a test; gone with it.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Root = Directory.CreateTempSubdirectory("devloop-test-").FullName;

    public string Root { get; }

    public string this[string path] => Path.Combine(Root, path);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public TemporaryDirectory Write(string path, string text)
    {
        string full = this[path];
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return this;
    }

    /// <summary>Puts a static busybox there, which makes an image from scratch able to run steps.</summary>
    public TemporaryDirectory WithBusybox()
    {
        File.Copy("/bin/busybox", this["busybox"]);
        return this;
    }

    public ContextSnapshot Snapshot() =>
        new ContextReader().ReadAsync(Root, new Everything(), CancellationToken.None).GetAwaiter().GetResult()
            .ShouldBeOfType<ContextReading.Read>().Snapshot;
}

public sealed class Everything : IInputFilter
{
    public InputVerdict Judge(string path, EntryKind kind) => InputVerdict.Include;
}
