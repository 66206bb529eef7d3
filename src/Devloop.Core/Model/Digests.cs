namespace Devloop.Model;

/// <summary>The identity of what a build produced: the config digest, <c>sha256:</c> and 64 hex digits, the same in every engine and registry.</summary>
public readonly record struct ImageDigest(string Value)
{
    /// <summary>The hex digits without the algorithm.</summary>
    public string Hex => Value[(Value.IndexOf(':') + 1)..];

    public override string ToString() => Value;
}

/// <summary>The tag that stands for a digest: <c>devloop-</c> and its first 16 hex digits.</summary>
public readonly record struct ContentTag(string Value)
{
    public const string Prefix = "devloop-";

    public static ContentTag Of(ImageDigest digest) => new(Prefix + digest.Hex[..16]);

    /// <summary>For screens: 8 of the 16 digits.</summary>
    public string Short => Value.Length > 16 ? Value[..16] : Value;

    public override string ToString() => Value;
}

/// <summary>The hash of everything that determines a build: 64 hex digits.</summary>
public readonly record struct ContentKey(string Value)
{
    public override string ToString() => Value;
}
