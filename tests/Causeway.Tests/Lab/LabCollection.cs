using Xunit.v3;

// The long collections mostly wait, and each should start at once, whatever the number of cores.
[assembly: Parallelization(MaxThreads = 4)]

namespace Causeway.Tests.Lab;

/// <summary>Labs share a machine's two cores: one test at a time, beside those that need none.</summary>
[CollectionDefinition("lab")]
public sealed class LabCollection;
