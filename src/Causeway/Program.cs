using System.CommandLine;
using Causeway.Agent;
using Causeway.Apply;
using Causeway.Cli;
using Causeway.Core;
using Causeway.Counters;
using Causeway.Crds;
using Causeway.Dns;
using Causeway.Ipam;
using Causeway.Kubernetes;
using Causeway.Lab;
using Causeway.Lab.Workloads;
using Causeway.Trace;

// Lab pods' built-in servers: before anything else is loaded, so that a thousand of them fit in memory.
if (args is ["workload", .. var workload]) return WorkloadProgram.Run(workload);

// The table of verbs. Each verb is a folder with a class XCommand whose Create() gives its Command.
var root = new RootCommand("Causeway: a Kubernetes network that explains itself.")
{
    TraceCommand.Create(),
    ApplyCommand.Create(),
    CrdsCommand.Create(),
    LabCommand.Create(),
    AgentCommand.Create(),
    DnsCommand.Create(),
    IpamCommand.Create(),
    CountersCommand.Create(),
    LabCommand.CreateInit(),
    ExecCommand.CreateInside(),
};

// An @ begins an address for dig, not the name of a file with more arguments.
var parsed = root.Parse(args, new() { ResponseFileTokenReplacer = null });
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Console.Error.WriteLine($"causeway: {error.Message}");
    Console.Error.WriteLine("Run 'causeway --help', or '--help' after any verb, for what there is.");
    return ExitCode.Usage;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = ServerProgram.EndsWithin(parsed.CommandResult.Command),
    });
}
catch (InputException e)
{
    Console.Error.WriteLine($"causeway: {e.Message}");
    return ExitCode.Usage;
}
catch (KubeException e)
{
    Console.Error.WriteLine($"causeway: {e.Message}");
    return e.IsUnreachable ? ExitCode.Unknown : ExitCode.Problems;
}
catch (OperationCanceledException)
{
    return ExitCode.Unknown;
}
