using Devloop.Manifests;
using Devloop.Text;

namespace Devloop.Core.Tests.Manifests;

public class ManifestMemoryTests
{
    private readonly ManifestMemory _memory = new();

    [Fact]
    public void A_file_is_read_once_as_long_as_its_text_stays()
    {
        object first = _memory.Read(Text("a.yaml", "one")).Value!;
        _memory.Read(Text("a.yaml", "one")).Value.ShouldBeSameAs(first);
        _memory.Read(Text("a.yaml", "two")).Value.ShouldNotBeSameAs(first);
        _memory.Read(Text("a.yaml", "two")).Value!.Objects[0].Name.ShouldBe("two");
    }

    [Fact]
    public void Two_files_of_one_text_keep_their_own_places()
    {
        _memory.Read(Text("a.yaml", "same")).Value!.Objects[0].At.File.ShouldBe("a.yaml");
        _memory.Read(Text("b.yaml", "same")).Value!.Objects[0].At.File.ShouldBe("b.yaml");
    }

    [Fact]
    public void What_is_wrong_with_a_file_is_told_again() =>
        Enumerable.Range(0, 2).Select(_ => _memory.Read(new SourceText("a.yaml", "kind: [\n")).Diagnostics.Length).ShouldBe([1, 1]);

    private static SourceText Text(string file, string name) => new(file, $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n");
}
