using System.Security.Cryptography;
using System.Text;

namespace Devloop.Web.Access;

/// <summary>What a caller must know: 32 hex digits, drawn anew for every run.</summary>
internal sealed class AccessToken
{
    private const int Bytes = 16;

    public string Value { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Takes the same time whatever is wrong.</summary>
    public bool Is(string? given) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(Value));
}
