using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;

namespace Devloop.EndToEnd.Tests.CommandLine;

/// <summary>The key as the command prints it, without an engine.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SameKeyEverywhereTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("devloop-input-").FullName;

    public SameKeyEverywhereTests() => File.SetUnixFileMode(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Locale_time_zone_home_user_and_place_of_the_checkout_leave_the_key()
    {
        Checkout("one", ["ä", "Z", "a", "İ", "i", "_x"]);
        Checkout("two/other place", ["i", "_x", "İ", "a", "Z", "ä"]);
        string key = Key("one", null, ("LC_ALL", "C"), ("TZ", "UTC"));
        key.ShouldMatch("^[0-9a-f]{64}$");

        Key("two/other place", null, ("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Kathmandu"), ("USER", "someone")).ShouldBe(key);
        if (Environment.IsPrivilegedProcess)
            Key("two/other place", "65534", ("LC_ALL", "de_DE.UTF-8")).ShouldBe(key);
    }

    private void Checkout(string at, string[] names)
    {
        string source = Path.Combine(_directory, at, "app", "src");
        Directory.CreateDirectory(source);
        File.WriteAllText(Path.Combine(_directory, at, "devloop.yaml"), "version: 1\nimages:\n  app: {context: app}\n");
        File.WriteAllText(Path.Combine(_directory, at, "app", "Dockerfile"), "FROM scratch\nCOPY src /src\n");
        foreach (string name in names)
            File.WriteAllText(Path.Combine(source, name), name);
    }

    private string Key(string at, string? user, params (string Name, string Value)[] environment)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] devloop = [host, Path.Combine(AppContext.BaseDirectory, "devloop.dll"), "inputs", "app", "--output", "json"];
        string[] command = user is null ? devloop : ["setpriv", "--reuid", user, "--clear-groups", .. devloop];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Path.Combine(_directory, at), RedirectStandardOutput = true };
        start.Environment["HOME"] = Path.Combine(_directory, at);
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(_directory, at, ".cache");
        start.Environment["DOCKER_HOST"] = "unix:///nonexistent/docker.sock";
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
        return JsonDocument.Parse(output).RootElement.GetProperty("key").GetString()!;
    }
}
