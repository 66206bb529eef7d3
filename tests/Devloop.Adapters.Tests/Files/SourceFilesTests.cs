using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Files;

public sealed class SourceFilesTests : SourceFilesContract, IDisposable
{
    private readonly TemporaryDirectory _files = new();

    protected override ISourceFiles Sources { get; } = new SourceFiles();

    protected override string Missing => _files["missing"];

    public void Dispose() => _files.Dispose();

    [Fact]
    public void What_is_no_file_is_not_opened()
    {
        _files.Write("file", "x");
        File.CreateSymbolicLink(_files["link"], "file");
        Sources.Open(_files.Root).ShouldBeNull();
        Sources.Open(_files["link"]).ShouldBeNull();
        Sources.Open(_files["file/below"]).ShouldBeNull();
    }

    protected override string Put(string name, byte[] content)
    {
        File.WriteAllBytes(_files[name], content);
        return _files[name];
    }
}
