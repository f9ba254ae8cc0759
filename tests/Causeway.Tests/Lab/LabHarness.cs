using Causeway.Linux.Processes;

namespace Causeway.Tests.Lab;

/// <summary>Labs of one test: the real executable with a state directory of its own, torn down whatever happens.</summary>
public sealed class LabHarness : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string[] _prefix;

    private LabHarness(string directory, string executable, string[] prefix)
    {
        Directory = directory;
        Executable = executable;
        _prefix = prefix;
    }

    public string Directory { get; }

    public string Executable { get; }

    public string State => Path.Combine(Directory, "state");

    public static LabHarness AsRoot()
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("causeway-lab-").FullName;
        return new(directory, Path.Combine(Binaries(), "causeway"), []);
    }

    /// <summary>As a user without any right: the program is copied to where that user can read it.</summary>
    public static async Task<LabHarness> AsNobody()
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("causeway-lab-").FullName;
        await Done(["cp", "-rL", Binaries(), Path.Combine(directory, "bin")]);
        await Done(["chown", "-R", "65534:65534", directory]);
        return new(
            directory, Path.Combine(directory, "bin", "causeway"),
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
    }

    /// <summary>Runs the program to its end.</summary>
    public Task<ProcessResult> Run(params string[] arguments) => RunWith("", arguments);

    public Task<ProcessResult> RunWith(string input, params string[] arguments) => ProcessSpawner.Run(
        new ProcessStart([.. _prefix, Executable, .. arguments]) { Environment = Variables(), WorkingDirectory = "/" },
        input, Patience);

    /// <summary>Runs the program, which must end well; its output.</summary>
    public async Task<string> Good(params string[] arguments)
    {
        var result = await Run(arguments);
        Assert.True(
            result.Succeeded, $"causeway {string.Join(' ', arguments)}: {result.ExitCode}\n{result.Output}{result.Error}");
        return result.Output;
    }

    /// <summary>kubectl on one of the labs; its output.</summary>
    public Task<string> Kubectl(string lab, params string[] arguments) => KubectlOf("kubectl", lab, arguments);

    /// <summary>The same with a kubectl of the test's choice.</summary>
    public async Task<string> KubectlOf(string program, string lab, params string[] arguments)
    {
        var result = await ProcessSpawner.Run(
            [program, "--kubeconfig", Path.Combine(State, "labs", lab, "kubeconfig"),
                "--cache-dir", Path.Combine(Directory, "cache"), .. arguments], "", Patience);
        Assert.True(result.Succeeded, $"kubectl {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result.Output;
    }

    /// <summary>Runs a bash script as a user at a prompt would, in a directory where ./causeway is the program.</summary>
    public async Task<ProcessResult> Shell(string script, string workingDirectory)
    {
        var tool = Path.Combine(workingDirectory, "causeway");
        await File.WriteAllTextAsync(tool, $"#!/bin/sh\nexec {Executable} \"$@\"\n");
        File.SetUnixFileMode(tool, (UnixFileMode)0b111_101_101);
        var file = Path.Combine(Directory, "script");
        await File.WriteAllTextAsync(file, script);
        var variables = Variables();
        variables["PATH"] = $"{workingDirectory}:{variables["PATH"]}";
        return await ProcessSpawner.Run(
            new ProcessStart(["bash", file]) { Environment = variables, WorkingDirectory = workingDirectory }, "", 3 * Patience);
    }

    /// <summary>Until the check holds; else fails with what it last gave.</summary>
    public static async Task Eventually(string what, Func<Task<bool>> check)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await check())
        {
            Assert.False(patience.IsCancellationRequested, what);
            await Task.Delay(50);
        }
    }

    /// <summary>Processes of this machine that belong to this test's labs: their command line or their environment says so.</summary>
    public IReadOnlyList<string> Processes()
    {
        List<string> found = [];
        foreach (var process in System.IO.Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(d[6])))
        {
            if (process == $"/proc/{Environment.ProcessId}") continue;
            var text = Text(process + "/cmdline") + Text(process + "/environ");
            if (text.Contains(State, StringComparison.Ordinal)) found.Add($"{process}: {Text(process + "/cmdline").Replace('\0', ' ')}");
        }
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Run("lab", "down", "--all");
        }
        finally
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }

    private static string Binaries() => Environment.GetEnvironmentVariable("CAUSEWAY_BIN") is { Length: > 0 } built
        ? built
        : AppContext.BaseDirectory;

    private Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
            ["CAUSEWAY_STATE"] = State,
            ["HOME"] = Directory,
        };
        foreach (var name in (string[])["DOTNET_ROOT", "CAUSEWAY_CNI"])
            if (Environment.GetEnvironmentVariable(name) is { } value) variables[name] = value;
        return variables;
    }

    private static string Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static async Task Done(string[] command) =>
        Assert.Equal(0, (await ProcessSpawner.Run(command, "", Patience)).ExitCode);
}
