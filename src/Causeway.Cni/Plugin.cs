using System.Text;
using Causeway.Core.Wire.Cni;
using Causeway.Linux.Native;
using Causeway.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Cni;

/// <summary>One run: the verb from the environment, the configuration from standard input, the result or the
/// error to standard output. Exit code 0, or 1 with an error object.</summary>
internal static class Plugin
{
    private const string About = """
        causeway-cni: the CNI plugin of Causeway. A container runtime starts it, with CNI_COMMAND and the other
        variables of the CNI specification set and the network configuration on standard input.
        CNI versions:
        """;

    public static int Run(Func<string, string?> variable)
    {
        if (string.IsNullOrEmpty(variable("CNI_COMMAND")))
        {
            Console.Error.WriteLine($"{About} {string.Join(", ", CniVersion.Supported)}");
            return 0;
        }
        // Errors before the configuration is read are told in the newest form.
        var version = CniVersion.Current;
        try
        {
            var environment = CniEnvironment.Read(variable);
            if (environment.Command == "VERSION") return Print(VersionVerb.Run());
            var configuration = NetworkConfiguration.Parse(ReadInput());
            version = configuration.CniVersion;
            return Print(Run(environment, configuration));
        }
        catch (CniException e)
        {
            return Fail(e.Error, version);
        }
        catch (Exception e) when (e is NetlinkException or SystemCallException)
        {
            return Fail(new CniError(CniErrorCode.Kernel, "the kernel refused", e.Message), version);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(new CniError(CniErrorCode.Io, "input or output failed", e.Message), version);
        }
    }

    private static string Run(CniEnvironment environment, NetworkConfiguration configuration)
    {
        switch (environment.Command)
        {
            case "ADD": return AddVerb.Run(environment, configuration);
            case "DEL": DeleteVerb.Run(environment, configuration); break;
            case "CHECK": CheckVerb.Run(environment, configuration); break;
            case "GC": CollectVerb.Run(configuration); break;
            default: StatusVerb.Run(configuration); break;
        }
        return "";
    }

    private static int Fail(CniError error, string version)
    {
        Print(error.Print(version));
        return 1;
    }

    private static int Print(string text)
    {
        if (text.Length == 0) return 0;
        using var output = Standard(1, FileAccess.Write);
        output.Write(Encoding.UTF8.GetBytes(text + "\n"));
        return 0;
    }

    internal static byte[] ReadInput()
    {
        using var input = Standard(0, FileAccess.Read);
        var buffer = new byte[2048];
        for (var filled = 0;;)
        {
            var read = input.Read(buffer, filled, buffer.Length - filled);
            if (read == 0) return buffer[..filled];
            filled += read;
            if (filled == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
        }
    }

    // The console's own streams prepare for a terminal, with a thread for its signals.
    private static FileStream Standard(int descriptor, FileAccess access) =>
        new(new SafeFileHandle(descriptor, ownsHandle: false), access, bufferSize: 0);
}
