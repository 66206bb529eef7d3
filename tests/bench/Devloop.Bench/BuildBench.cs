using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Devloop.Adapters.BuildKit;
using Devloop.Adapters.ClientConfig;
using Devloop.Adapters.Files;
using Devloop.Adapters.Transport;
using Devloop.Model;
using Devloop.Ports;

namespace Devloop.Bench;

/// <summary>
/// What a build costs beside BuildKit's own work, and what travels: a solve that has nothing to do, a large context of which one file
/// changed (side by side with the Engine's API and a tar of the context), and how soon a cancelled build is over.
/// </summary>
internal sealed class BuildBench(int files, int bytes, int rounds) : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("devloop-bench-").FullName;
    private readonly ContextReader _contexts = new(TimeProvider.System);

    public async Task<int> RunAsync()
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"machine: {Environment.ProcessorCount} processors, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}"));
        var config = DockerConfigFile.FromEnvironment();
        await using var proxy = new CountingProxy(new EngineDialer(EngineLocator.Locate(config, Environment.GetEnvironmentVariable)));
        await using var builder = new BuildKitImageBuilder(new EngineDialer(new EngineAddress.Unix(proxy.Socket)), new RegistryCredentials(config));
        await NothingToDoAsync(builder, proxy).ConfigureAwait(false);
        await LargeContextAsync(builder, proxy).ConfigureAwait(false);
        await CancelAsync(builder).ConfigureAwait(false);
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _contexts.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_directory, recursive: true);
    }

    private async Task NothingToDoAsync(BuildKitImageBuilder builder, CountingProxy proxy)
    {
        string context = Path.Combine(_directory, "small");
        Directory.CreateDirectory(context);
        File.WriteAllText(Path.Combine(context, "greeting"), "hello");
        BuildOrder order = await OrderAsync(context, "FROM scratch\nCOPY greeting /greeting\n").ConfigureAwait(false);
        await BuildAsync(builder, order).ConfigureAwait(false);
        var times = new List<TimeSpan>();
        for (int i = 0; i < rounds * 3; i++)
            times.Add(await BuildAsync(builder, order).ConfigureAwait(false));
        Tell("a solve with nothing to do", times, "");
        times.Clear();
        for (int i = 0; i < rounds * 3; i++)
            times.Add(await TarAsync(proxy.Socket, context, "small").ConfigureAwait(false));
        Tell("the same by the engine's API, tar", times, "");
    }

    private async Task LargeContextAsync(BuildKitImageBuilder builder, CountingProxy proxy)
    {
        string context = Path.Combine(_directory, "large");
        Write(context);
        string edited = Path.Combine(context, "d0", "f0");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files} files of {bytes} bytes, `FROM scratch` and `COPY . /src`:"));
        proxy.TakeSent();
        Tell("  devloop: first build", [await BuildAsync(builder, await OrderAsync(context).ConfigureAwait(false)).ConfigureAwait(false)], Sent(proxy));
        Tell("  engine's API, tar: first build", [await TarAsync(proxy.Socket, context, "first").ConfigureAwait(false)], Sent(proxy));
        var ours = new List<TimeSpan>();
        var sent = new List<TimeSpan>();
        var theirs = new List<TimeSpan>();
        long ourBytes = 0, theirBytes = 0;
        for (int i = 0; i < rounds; i++)
        {
            // One after the other in each round, so that whatever else the machine does hits both.
            File.WriteAllText(edited, Guid.NewGuid().ToString());
            ours.Add(await BuildAsync(builder, await OrderAsync(context).ConfigureAwait(false), sent.Add).ConfigureAwait(false));
            ourBytes += proxy.TakeSent();
            File.WriteAllText(edited, Guid.NewGuid().ToString());
            theirs.Add(await TarAsync(proxy.Socket, context, "again").ConfigureAwait(false));
            theirBytes += proxy.TakeSent();
        }
        Tell("  devloop: one file changed", ours, Megabytes(ourBytes / rounds));
        Tell("    of it until the context is there", sent, "");
        Tell("  engine's API, tar: one file changed", theirs, Megabytes(theirBytes / rounds));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ratio: {Median(ours) / Median(theirs):0.00} of the time, 1/{theirBytes / Math.Max(1, ourBytes)} of the bytes"));
    }

    private async Task CancelAsync(BuildKitImageBuilder builder)
    {
        string context = Path.Combine(_directory, "endless");
        Directory.CreateDirectory(context);
        File.Copy("/bin/busybox", Path.Combine(context, "busybox"));
        var client = new List<TimeSpan>();
        var server = new List<TimeSpan>();
        for (int i = 0; i < rounds; i++)
        {
            string mark = Guid.NewGuid().ToString("N");
            using var cancel = new CancellationTokenSource();
            Task<BuildOutcome> endless = builder.BuildAsync(await OrderAsync(context, $"FROM scratch\nCOPY busybox /busybox\nRUN [\"/busybox\", \"sh\", \"-c\", \"/busybox sleep 1000; : {mark}\"]\n").ConfigureAwait(false), new Silent(), cancel.Token);
            while (!Runs(mark))
                await Task.Delay(20).ConfigureAwait(false);
            long began = Stopwatch.GetTimestamp();
            Task gone = Task.Run(async () =>
            {
                while (Runs(mark))
                    await Task.Delay(5).ConfigureAwait(false);
                server.Add(Stopwatch.GetElapsedTime(began));
            });
            await cancel.CancelAsync().ConfigureAwait(false);
            try
            {
                await endless.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                client.Add(Stopwatch.GetElapsedTime(began));
            }
            await gone.ConfigureAwait(false);
        }
        Tell("cancel: the client is done", client, "");
        Tell("cancel: the step's process is gone", server, "");
    }

    /// <summary>Whether the engine, which is on this machine, runs a process that has a mark among its arguments.</summary>
    private static bool Runs(string mark)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "cmdline")).StartsWith("/busybox\0sh", StringComparison.Ordinal)
                    && File.ReadAllText(Path.Combine(process, "cmdline")).Contains(mark, StringComparison.Ordinal))
                {
                    return true;
                }
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }
        return false;
    }

    private async Task<BuildOrder> OrderAsync(string context, string dockerfile = "FROM scratch\nCOPY . /src\n") => new()
    {
        Image = new ImageName("bench"),
        DockerfileName = "Dockerfile",
        DockerfileText = dockerfile,
        Context = await _contexts.ReadAsync(context, new Everything(), CancellationToken.None).ConfigureAwait(false) switch
        {
            ContextReading.Read read => read.Snapshot,
            var other => throw new InvalidOperationException(other.ToString()),
        },
    };

    private sealed class Everything : IInputFilter
    {
        public InputVerdict Judge(string path, EntryKind kind) => InputVerdict.Include;
    }

    /// <summary>The time from having the files in hand, read and hashed, to the image.</summary>
    /// <param name="sent">Is told after which time the context had been compared and sent.</param>
    private static async Task<TimeSpan> BuildAsync(BuildKitImageBuilder builder, BuildOrder order, Action<TimeSpan>? sent = null)
    {
        long began = Stopwatch.GetTimestamp();
        var progress = new Silent(p =>
        {
            if (p is BuildProgress.Upload { Done: true })
                sent?.Invoke(Stopwatch.GetElapsedTime(began));
        });
        BuildOutcome outcome = await builder.BuildAsync(order, progress, CancellationToken.None).ConfigureAwait(false);
        return outcome is BuildOutcome.Built ? Stopwatch.GetElapsedTime(began) : throw new InvalidOperationException(outcome.ToString());
    }

    /// <summary>As <c>docker build</c> without a plugin does it: the whole context as one tar to <c>POST /build</c>, with BuildKit.</summary>
    private static async Task<TimeSpan> TarAsync(string socket, string context, string name)
    {
        long began = Stopwatch.GetTimestamp();
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), stop).ConfigureAwait(false);
                return new NetworkStream(connection, ownsSocket: true);
            },
        };
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://docker/build?version=2&t=devloop-bench:{name}") { Content = new TarContent(context) };
        using HttpResponseMessage answer = await client.SendAsync(request, CancellationToken.None).ConfigureAwait(false);
        string text = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
        return text.Contains("moby.image.id", StringComparison.Ordinal) ? Stopwatch.GetElapsedTime(began) : throw new InvalidOperationException(text);
    }

    private void Write(string context)
    {
        byte[] content = new byte[bytes];
        var random = new Random(1);
        for (int i = 0; i < files; i++)
        {
            string directory = Path.Combine(context, "d" + (i / 100).ToString(CultureInfo.InvariantCulture));
            if (i % 100 == 0)
                Directory.CreateDirectory(directory);
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(directory, "f" + (i % 100).ToString(CultureInfo.InvariantCulture)), content);
        }
    }

    private static string Sent(CountingProxy proxy) => Megabytes(proxy.TakeSent());

    private static string Megabytes(long count) => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.00} MB sent");

    private static double Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2).TotalMilliseconds;

    private static void Tell(string what, List<TimeSpan> times, string more) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what,-40} {Median(times),8:0} ms  (n={times.Count}, least {times.Min().TotalMilliseconds:0}, most {times.Max().TotalMilliseconds:0})  {more}"));

    private sealed class Silent(Action<BuildProgress>? hear = null) : IProgress<BuildProgress>
    {
        public void Report(BuildProgress value) => hear?.Invoke(value);
    }

    /// <summary>The context and a Dockerfile as a tar, made while it is sent.</summary>
    private sealed class TarContent(string context) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? transport)
        {
            // The engine takes an archive that begins with an extended header for a Dockerfile, so the plain format it is.
            await using var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true);
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "Dockerfile")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes("FROM scratch\nCOPY . /src\n")),
            }).ConfigureAwait(false);
            foreach (string directory in Directory.EnumerateDirectories(context).Order(StringComparer.Ordinal).Prepend(context))
            {
                foreach (string file in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal))
                    await tar.WriteEntryAsync(file, Path.GetRelativePath(context, file)).ConfigureAwait(false);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
