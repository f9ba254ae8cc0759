using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using Causeway.Core;
using Causeway.Linux.Processes;

namespace Causeway.Lab.Capsule;

/// <summary>A capsule that was started, and the lines that its init writes while it comes up.</summary>
public sealed class LaunchedCapsule(StreamReader steps, ChildProcess unshare) : IDisposable
{
    /// <summary>Ends when the init does.</summary>
    public StreamReader Steps { get; } = steps;

    public ChildProcess Unshare { get; } = unshare;

    public void Dispose() => Steps.Dispose();
}

/// <summary>Starts a lab's init in namespaces of its own; it outlives the process that started it.</summary>
public static class CapsuleLauncher
{
    /// <summary>The hidden verb that is PID 1 inside.</summary>
    public const string InitVerb = "lab-init";

    /// <summary>The descriptor under which the init finds the API server's socket.</summary>
    public const int ListenDescriptor = 3;

    /// <summary>A listening socket on the host's loopback.</summary>
    /// <param name="port">0 for any free one.</param>
    public static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1024);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new InputException($"--port {port}: cannot listen on 127.0.0.1:{port}: {e.Message}", e);
        }
    }

    /// <summary>Throws <see cref="InputException"/> when unshare(1) is missing or the directory is out of reach.</summary>
    public static LaunchedCapsule Launch(LabDirectory lab, Socket api)
    {
        var self = HostTool.Self();
        CheckReachable(lab.Path);
        CheckReachable(self.Path);
        var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        var child = ProcessSpawner.Spawn(
            new ProcessStart([
                HostTool.Find("unshare", "util-linux"), .. UserNamespace(),
                "--mount", "--net", "--pid", "--fork", "--kill-child", "--",
                self.Path, .. self.Arguments, InitVerb, lab.Path])
            {
                Output = ChildStream.Descriptor(pipe.ClientSafePipeHandle),
                Error = ChildStream.File(lab.InitLog),
                Descriptors = new Dictionary<int, ChildStream>
                {
                    [ListenDescriptor] = ChildStream.Descriptor(api.SafeHandle),
                },
                NewSession = true,
                WorkingDirectory = "/",
            });
        pipe.DisposeLocalCopyOfClientHandle();
        return new(new StreamReader(pipe), child);
    }

    private static string[] UserNamespace() =>
        Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];

    // The capsule puts its own file systems over these.
    private static void CheckReachable(string path)
    {
        foreach (var covered in (string[])["/run/", "/var/run/", "/proc/", "/sys/"])
            if (path.StartsWith(covered, StringComparison.Ordinal))
                throw new InputException(
                    $"'{path}' lies under {covered}, which a lab covers with its own; keep it elsewhere"
                    + $" (the state directory: set {LabDirectory.StateVariable})");
    }
}
