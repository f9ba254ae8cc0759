using Causeway.Linux.Native;

namespace Causeway.Linux.Processes;

/// <summary>Environment variables as the C libraries in this process see them.</summary>
public static class LibraryEnvironment
{
    /// <summary>
    /// For a process that trusts the authorities alone that it was given: OpenSSL and the runtime find no others.
    /// They would read the machine's hundred and more at the first connection: 30 ms of processor time, and memory for
    /// good. Programs that this process starts see nothing of it. Call it before another thread runs.
    /// </summary>
    public static void ForgetSystemCertificates()
    {
        // From here on the runtime has a copy of its own, which is what children get.
        _ = Environment.GetEnvironmentVariables();
        foreach (var name in (string[])["SSL_CERT_FILE", "SSL_CERT_DIR"])
            SystemCallException.Check(Libc.SetEnvironment(name, "/dev/null", 1), $"cannot set {name}");
    }
}
