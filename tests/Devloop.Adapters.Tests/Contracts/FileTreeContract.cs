using Devloop.Ports;

namespace Devloop.Adapters.Tests.Contracts;

/// <summary>What every file tree does, on disk or in memory.</summary>
public abstract class FileTreeContract
{
    protected abstract IFileTree Tree { get; }

    protected abstract void Put(string path, byte[] content);

    private void Put(string path, string text) => Put(path, System.Text.Encoding.UTF8.GetBytes(text));

    [Fact]
    public void A_text_is_read_as_it_is()
    {
        Put("dir/a.txt", "grüße\r\n");

        Tree.Read("dir/a.txt").ShouldBe(new FileContent.Text("grüße\r\n"));
        Tree.Read(Path.Combine(Tree.Root, "dir", "a.txt")).ShouldBe(new FileContent.Text("grüße\r\n"));
    }

    [Fact]
    public void A_byte_order_mark_is_taken_off_and_told()
    {
        Put("a.txt", "\uFEFFtext");

        Tree.Read("a.txt").ShouldBe(new FileContent.Text("text", HasByteOrderMark: true));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_binary()
    {
        Put("latin1", [0xE4, 0xF6]);
        Put("zeros", [65, 0, 66]);

        Tree.Read("latin1").ShouldBeOfType<FileContent.Binary>();
        Tree.Read("zeros").ShouldBeOfType<FileContent.Binary>();
    }

    [Fact]
    public void What_is_not_there_is_missing()
    {
        Tree.Read("nowhere/a").ShouldBeOfType<FileContent.Missing>();
        Tree.KindOf("nowhere").ShouldBe(PathKind.Missing);
        Tree.FilesBelow("nowhere").ShouldBeEmpty();
    }

    [Fact]
    public void Kinds_are_told_apart()
    {
        Put("dir/a", "");

        Tree.KindOf("dir/a").ShouldBe(PathKind.File);
        Tree.KindOf("dir").ShouldBe(PathKind.Directory);
        Tree.KindOf(".").ShouldBe(PathKind.Directory);
        Tree.Read("dir").ShouldBe(new FileContent.Unreadable("a directory"));
    }

    [Fact]
    public void Files_below_a_directory_come_in_ordinal_order_relative_to_the_root()
    {
        foreach (string path in new[] { "k8s/b.yaml", "k8s/a/z.yaml", "k8s/a.yaml", "k8s/B.yaml", "other/x" })
            Put(path, "");

        Tree.FilesBelow("k8s").ShouldBe(["k8s/B.yaml", "k8s/a.yaml", "k8s/a/z.yaml", "k8s/b.yaml"]);
        Tree.FilesBelow(".").Length.ShouldBe(5);
    }
}
