using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Devloop.Planning;

/// <summary>SHA-256 over named fields. Each name and value is preceded by its length, so that no two lists of fields run into one another.</summary>
internal sealed class FieldHash : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public FieldHash Add(string name, string? value)
    {
        Append(name);
        // No value and an empty value differ.
        if (value is null)
            _hash.AppendData([0]);
        else
            Append(value);
        return this;
    }

    private void Append(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> head = stackalloc byte[5];
        head[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(head[1..], bytes.Length);
        _hash.AppendData(head);
        _hash.AppendData(bytes);
    }

    /// <summary>64 lower-case hex digits; begins anew.</summary>
    public string ToHex() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}
