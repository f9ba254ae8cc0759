namespace Causeway.Bench.Labs;

/// <summary>The natively built executables: benches measure what users run.</summary>
internal static class Executables
{
    /// <summary>In the folder that CAUSEWAY_BIN names, else in <c>artifacts/bin</c>.</summary>
    public static string Find(string name)
    {
        foreach (var directory in (IEnumerable<string?>)[Environment.GetEnvironmentVariable("CAUSEWAY_BIN"), "artifacts/bin"])
        {
            if (directory is { Length: > 0 } && File.Exists(Path.Combine(directory, name)))
                return Path.GetFullPath(Path.Combine(directory, name));
        }
        throw new FileNotFoundException(
            "build with ./causeway --help first, or name the folder in CAUSEWAY_BIN", name);
    }
}
