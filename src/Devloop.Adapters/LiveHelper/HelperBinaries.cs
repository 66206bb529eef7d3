using Devloop.Ports;

namespace Devloop.Adapters.LiveHelper;

/// <summary>The program that stands in containers for live updates; its source and its script are beside this file.</summary>
public static class HelperBinaries
{
    public static HelperPrograms Load() => new(Read("helper-amd64"), Read("helper-arm64"));

    private static byte[] Read(string name)
    {
        using Stream stream = typeof(HelperBinaries).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"the resource {name} is missing");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
