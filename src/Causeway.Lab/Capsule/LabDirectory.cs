using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Causeway.Core;
using Causeway.Lab.Nodes;

namespace Causeway.Lab.Capsule;

/// <summary>Where one lab keeps what must outlive it; see README.md beside this file for the files in it.</summary>
public sealed partial record LabDirectory(string Name, string Path)
{
    public const string DefaultName = "default";

    /// <summary>Names the directory above all labs, instead of the usual place.</summary>
    public const string StateVariable = "CAUSEWAY_STATE";

    public string ConfigFile => System.IO.Path.Combine(Path, "lab.json");

    public string InitFile => System.IO.Path.Combine(Path, "init.json");

    public string AgentsFile => System.IO.Path.Combine(Path, "agents.json");

    /// <summary>Held by the init for as long as it lives.</summary>
    public string InitLockFile => System.IO.Path.Combine(Path, "init.lock");

    /// <summary>Held by a verb that brings the lab up or down.</summary>
    public string LockFile => System.IO.Path.Combine(Path, "lock");

    public string StoreFile => System.IO.Path.Combine(Path, "store.db");

    /// <summary>For people and programs on the host: the API server on loopback.</summary>
    public string Kubeconfig => System.IO.Path.Combine(Path, "kubeconfig");

    /// <summary>For the nodes: the API server on the fabric.</summary>
    public string NodeKubeconfig => System.IO.Path.Combine(Path, "node.kubeconfig");

    /// <summary>For what runs in the capsule's own namespace, where loopback is the capsule's.</summary>
    public string LocalKubeconfig => System.IO.Path.Combine(Path, "local.kubeconfig");

    public string CertificateDirectory => System.IO.Path.Combine(Path, "pki");

    public string LogDirectory => System.IO.Path.Combine(Path, "logs");

    public string InitLog => System.IO.Path.Combine(LogDirectory, "init.log");

    public bool Exists => File.Exists(ConfigFile);

    public string AgentLog(string node) => System.IO.Path.Combine(LogDirectory, $"agent-{node}.log");

    /// <summary>
    /// What holds all labs: <c>$CAUSEWAY_STATE/labs</c>; else <c>/var/lib/causeway/labs</c> for root and
    /// <c>$XDG_STATE_HOME/causeway/labs</c> (by default <c>~/.local/state</c>) for anyone else.
    /// </summary>
    public static string Root()
    {
        if (Variable(StateVariable) is { } state) return System.IO.Path.GetFullPath(System.IO.Path.Combine(state, "labs"));
        if (Environment.IsPrivilegedProcess && CapsuleEntry.Current is null) return "/var/lib/causeway/labs";
        var home = Variable("XDG_STATE_HOME")
            ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/state");
        return System.IO.Path.Combine(home, "causeway", "labs");
    }

    /// <summary>The lab of this name, whether or not it exists. Refuses what is no DNS label of at most 40 characters.</summary>
    public static LabDirectory Named(string name) => LabName.IsMatch(name)
        ? new(name, System.IO.Path.Combine(Root(), name))
        : throw new InputException(
            $"--lab '{name}': a lab's name is 1 to 40 of a-z, 0-9 and '-', and starts and ends with a letter or digit");

    /// <summary>All labs of this user, running or not, by name.</summary>
    public static IReadOnlyList<LabDirectory> All()
    {
        var root = Root();
        if (!Directory.Exists(root)) return [];
        return [.. Directory.GetDirectories(root)
            .Select(path => new LabDirectory(System.IO.Path.GetFileName(path), path))
            .Where(lab => lab.Exists)
            .OrderBy(lab => lab.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// The lab that a verb means: the one named; else the one whose capsule this process is in; else the only
    /// one there is; else <c>default</c>. Throws <see cref="InputException"/> when it does not exist.
    /// </summary>
    public static LabDirectory Find(string? name)
    {
        if (name is null && CapsuleEntry.Current is { } current) return new(System.IO.Path.GetFileName(current), current);
        var labs = All();
        var wanted = name ?? (labs.Count == 1 ? labs[0].Name : DefaultName);
        var found = Named(wanted);
        if (found.Exists) return found;
        var others = labs.Count == 0 ? "there is none" : "there are " + string.Join(", ", labs.Select(l => l.Name));
        throw new InputException(name is null && labs.Count > 1
            ? $"which lab? Say --lab NAME; {others}"
            : $"no lab '{wanted}' ({others}); 'causeway lab up --lab {wanted}' makes one");
    }

    /// <summary>The lab, whose capsule must be running; else an <see cref="InputException"/> that says what to do.</summary>
    public static LabDirectory FindRunning(string? name)
    {
        var lab = Find(name);
        return lab.RunningInit() is not null ? lab
            : throw new InputException($"lab '{lab.Name}' is stopped; 'causeway lab up --lab {lab.Name}' starts it again");
    }

    /// <summary>The capsule's init as the host sees it; null when it does not run.</summary>
    public ProcessIdentity? RunningInit() => ReadInit() is { } init && init.IsAlive() ? init : null;

    /// <summary>The init that last wrote itself down; null when the file is absent or unreadable.</summary>
    public ProcessIdentity? ReadInit() => Read(InitFile, LabJson.Default.ProcessIdentity);

    /// <summary>Null when the file is absent or unreadable.</summary>
    public LabConfig? ReadConfig() => Read(ConfigFile, LabJson.Default.LabConfig);

    public void Write(LabConfig config) => Write(ConfigFile, config, LabJson.Default.LabConfig);

    public void Write(ProcessIdentity init) => Write(InitFile, init, LabJson.Default.ProcessIdentity);

    /// <summary>The agents' processes by node, as the running capsule last wrote them.</summary>
    public IReadOnlyDictionary<string, AgentRecord> ReadAgents() =>
        Read(AgentsFile, LabJson.Default.SortedDictionaryStringAgentRecord) ?? [];

    public void Write(SortedDictionary<string, AgentRecord> agents) =>
        Write(AgentsFile, agents, LabJson.Default.SortedDictionaryStringAgentRecord);

    /// <summary>Makes the directory, readable by nobody else: it holds a key and a token.</summary>
    public void Create()
    {
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(LogDirectory);
    }

    private static T? Read<T>(string file, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), type);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Written beside and renamed over, so that no reader ever sees half a file.
    private static void Write<T>(string file, T value, JsonTypeInfo<T> type)
    {
        var next = file + ".next";
        File.WriteAllText(next, JsonSerializer.Serialize(value, type));
        File.Move(next, file, overwrite: true);
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LabName { get; }
}
