using System.Diagnostics;
using System.Text;
using Devloop.Testing;

namespace Devloop.EndToEnd.Tests.CommandLine;

/// <summary>
/// A directory with files and the real command run in it, as a user would: no engine and no cluster within reach, no colour, and everything
/// that was printed compared with a golden file.
/// </summary>
internal sealed class TypedCommand : IDisposable
{
    private readonly Dictionary<string, string> _variables = [];

    public TypedCommand()
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("devloop-input-").FullName;
    }

    public string Directory { get; }

    public TypedCommand Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public TypedCommand Write(string path, byte[] content)
    {
        File.WriteAllBytes(Place(path), content);
        return this;
    }

    /// <summary>Sets a variable of the environment to a path in the directory.</summary>
    public TypedCommand With(string variable, string path)
    {
        _variables[variable] = Path.Combine(Directory, path);
        return this;
    }

    public TypedCommand Make(string directory)
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, directory));
        return this;
    }

    public TypedCommand Link(string path, string target)
    {
        File.CreateSymbolicLink(Place(path), target);
        return this;
    }

    /// <summary>Runs a tool of the system in the directory, such as one that makes a pipe.</summary>
    public TypedCommand Tool(string name, params string[] arguments)
    {
        (int code, _, string error) = Run(name, arguments);
        code.ShouldBe(0, error);
        return this;
    }

    /// <summary>Runs devloop and compares command line, exit code and both streams.</summary>
    public void ShouldSay(string golden, params string[] arguments) => ShouldSayAs(null, golden, arguments);

    /// <param name="user">The number of a user; null is whoever runs the tests.</param>
    public void ShouldSayAs(string? user, string golden, params string[] arguments)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string program = Path.Combine(AppContext.BaseDirectory, "devloop.dll");
        (int code, string output, string error) = user is null
            ? Run(host, [program, .. arguments])
            : Run("setpriv", ["--reuid", user, "--clear-groups", host, program, .. arguments]);
        var text = new StringBuilder();
        text.Append("$ devloop ").AppendJoin(' ', arguments).Append('\n').Append(error);
        if (output.Length > 0)
            text.Append("--- stdout\n").Append(output);
        text.Append("--- exit code ").Append(code).Append('\n');
        string shown = text.ToString().Replace(Directory, "DIRECTORY", StringComparison.Ordinal);
        // Whatever is wrong with the input, nobody reads the names of our types.
        foreach (string word in new[] { "Exception", "   at ", "YamlDotNet", "System.", "DL5999" })
            shown.ShouldNotContain(word, Case.Sensitive);
        Golden.Check(shown, golden, GoldenPlace());
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private static string GoldenPlace([System.Runtime.CompilerServices.CallerFilePath] string caller = "") => caller;

    private string Place(string path)
    {
        string full = Path.Combine(Directory, path);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return full;
    }

    private (int ExitCode, string Output, string Error) Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in new[] { "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "BUILDKIT_HOST" })
            start.Environment.Remove(name);
        start.Environment["HOME"] = Directory;
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(Directory, ".cache");
        start.Environment["DOCKER_HOST"] = "unix:///nonexistent/docker.sock";
        start.Environment["KUBECONFIG"] = "/nonexistent/kubeconfig";
        start.Environment["DOTNET_CLI_HOME"] = Directory;
        foreach ((string name, string value) in _variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
