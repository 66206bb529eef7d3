namespace Devloop.Ports;

/// <summary>The program that changes files in containers and starts their process again: static, of some 10 to 20 KB, one for each kind of processor.</summary>
public sealed record HelperPrograms(ReadOnlyMemory<byte> Amd64, ReadOnlyMemory<byte> Arm64)
{
    /// <param name="architecture">As platforms name it, such as <c>amd64</c>.</param>
    /// <returns>Null when there is none for it.</returns>
    public ReadOnlyMemory<byte>? For(string? architecture) => architecture switch
    {
        "amd64" => Amd64,
        "arm64" => Arm64,
        _ => null,
    };
}
