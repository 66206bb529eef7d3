using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Devloop.Dockerfiles;
using Devloop.Diagnostics;
using Devloop.Engine;
using Devloop.Model;
using Devloop.Planning;
using Devloop.Ports;
using Devloop.Session;

namespace Devloop.Testing.Scenarios;

/// <summary>What effects would find out, computed from files in memory.</summary>
public static class FakeWork
{
    public static Parsed<ResolvedProject> Load(FakeFileTree files) =>
        ProjectLoader.Load(files, "devloop.yaml", ImmutableDictionary<string, string>.Empty, new BuildPlatform("linux", "amd64"));

    /// <summary>Hashes the inputs as the real work does.</summary>
    /// <param name="known">What a key led to before.</param>
    public static EngineEvent Fingerprint(FakeFileTree files, EngineEffect.TakeFingerprint effect, Func<ContentKey, KnownImage?> known)
    {
        var reader = new InputReader(new FakeContextReader(files), files.Root);
        (InputReading? inputs, _) = reader.ReadAsync(effect.Image, effect.Known, CancellationToken.None).GetAwaiter().GetResult();
        if (inputs is null)
        {
            Diagnostic why = Diagnostic.Error(DiagnosticCode.ContextUnreadable, "an input cannot be read");
            return new EngineEvent.FingerprintFailed(effect.Work, effect.Image.Name, [why], Environment: false);
        }
        ContentKey key = ContentKeys.Of(effect.Image, inputs.Snapshot, effect.Bases, ImmutableDictionary<string, string>.Empty);
        return new EngineEvent.Fingerprinted(effect.Work, effect.Image.Name, new Fingerprint(effect.Image, key, inputs, effect.Bases) { Fields = ContentKeys.Fields(effect.Image, effect.Bases, ImmutableDictionary<string, string>.Empty) }, effect.IgnoreKnown ? null : known(key));
    }

    /// <summary>Hashes what a local command reads as the real work does.</summary>
    public static EngineEvent Look(FakeFileTree files, EngineEffect.LookAtLocal effect)
    {
        World world = new LiveWorld(files).Ports;
        return new LocalWork(world, files.Root, (_, _) => { }, _ => { }).LookAsync(effect, CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>A digest that stands for a text.</summary>
    public static ImageDigest Digest(string text) => new("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
}
