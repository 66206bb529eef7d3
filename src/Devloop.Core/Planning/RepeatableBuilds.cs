using System.Collections.Immutable;

namespace Devloop.Planning;

/// <summary>
/// Makes builds of the same content give the same digest, as far as the builder goes along: the build arg that reproducible-builds.org
/// defines fixes the times in an image's config and history, from BuildKit 0.11 on; older ones take it for an arg like any other.
/// Times of files stay as they are: web servers and build tools go by them.
/// </summary>
internal static class RepeatableBuilds
{
    public const string EpochArg = "SOURCE_DATE_EPOCH";

    /// <summary>Seconds since 1970. Not the environment's, which differs between machines; <c>args</c> of the config may set another.</summary>
    private const string Epoch = "0";

    public static ImmutableSortedDictionary<string, string> WithEpoch(ImmutableSortedDictionary<string, string> args) =>
        args.ContainsKey(EpochArg) ? args : args.Add(EpochArg, Epoch);

    /// <summary>For the key: null is devloop's own, which the key's format stands for.</summary>
    public static string? OtherEpoch(ImmutableSortedDictionary<string, string> args) =>
        args.TryGetValue(EpochArg, out string? epoch) && epoch != Epoch ? epoch : null;
}
