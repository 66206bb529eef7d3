using Devloop.Adapters.Files;
using Devloop.Adapters.Tests.Contracts;
using Devloop.Adapters.Tests.Support;
using Devloop.Ports;

namespace Devloop.Adapters.Tests.Files;

public sealed class FileTreeTests : FileTreeContract, IDisposable
{
    private readonly TemporaryDirectory _files = new();

    protected override IFileTree Tree => new FileTree(_files.Root);

    public void Dispose() => _files.Dispose();

    protected override void Put(string path, byte[] content)
    {
        _files.Write(path, "");
        File.WriteAllBytes(_files[path], content);
    }

    [Fact]
    public void Links_are_read_through_but_directories_behind_them_are_not_listed()
    {
        _files.Write("real/a", "text");
        File.CreateSymbolicLink(_files["link"], "real/a");
        Directory.CreateSymbolicLink(_files["dir"], "real");
        File.CreateSymbolicLink(_files["broken"], "nowhere");

        Tree.Read("link").ShouldBe(new FileContent.Text("text"));
        Tree.KindOf("dir").ShouldBe(PathKind.Directory);
        Tree.KindOf("broken").ShouldBe(PathKind.Other);
        Tree.Read("broken").ShouldBe(new FileContent.Unreadable("the link leads nowhere"));
        Tree.FilesBelow(".").ShouldBe(["link", "real/a"]);
    }

    [Fact]
    public void A_pipe_is_not_opened()
    {
        Pipes.Make(_files["pipe"]);

        Tree.KindOf("pipe").ShouldBe(PathKind.Other);
        Tree.Read("pipe").ShouldBe(new FileContent.Unreadable("not a regular file"));
        Tree.FilesBelow(".").ShouldBeEmpty();
    }
}
