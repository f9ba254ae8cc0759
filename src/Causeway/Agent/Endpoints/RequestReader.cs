using Causeway.Core.Wire.AgentProtocol;

namespace Causeway.Agent.Endpoints;

/// <summary>The plugin's requests. One is always read ahead, so that it is seen when the plugin ends; whoever looks
/// for the next one finds the same reading.</summary>
internal sealed class RequestReader(LineChannel channel, CancellationToken stop)
{
    private Task<AgentRequest?>? _ahead;

    /// <summary>The next request; null when the plugin has gone. Fails as <see cref="LineChannel.ReadAsync"/>
    /// and <see cref="AgentRequest.Parse"/>.</summary>
    public Task<AgentRequest?> Ahead => _ahead ??= ReadAsync();

    /// <summary>The request that came is dealt with: ahead is another.</summary>
    public void Pass() => _ahead = null;

    private async Task<AgentRequest?> ReadAsync() =>
        await channel.ReadAsync(stop) is { } line ? AgentRequest.Parse(line) : null;
}
