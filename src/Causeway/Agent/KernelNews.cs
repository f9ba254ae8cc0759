using Causeway.Agent.Proxy;
using Causeway.Core.Dataplane;
using Causeway.Linux.Kernel;

namespace Causeway.Agent;

/// <summary>Brings the kernel's notifications to those whom they concern.</summary>
/// <param name="kernel">What it changes itself is no news.</param>
/// <param name="underlayChanged">Called when what is published may no longer be so.</param>
internal sealed class KernelNews(
    KernelWatcher watcher, KernelDriver kernel, Reconciler reconciler, NodeServices services,
    AgentView view, Action underlayChanged)
{
    public async Task RunAsync(CancellationToken cancel)
    {
        await foreach (var news in watcher.Events.ReadAllAsync(cancel))
        {
            services.Observed(news);
            switch (news)
            {
                case KindsSuspect suspect:
                    if (suspect.Kinds.Contains(EntryKind.NftTable)) kernel.DoubtTable();
                    reconciler.Suspect([.. suspect.Kinds]);
                    if (suspect.Kinds.Contains(EntryKind.LinkAddress)) underlayChanged();
                    break;
                case EntryChanged changed: Take(changed); break;
                case RulesetChanged ruleset when ruleset.Tables.Contains(Ownership.NftTableName):
                    // Who made it is known once the tool that did has ended.
                    reconciler.SuspectIf(() => !kernel.Made(ruleset), EntryKind.NftTable);
                    break;
                case RulesetChanged others: kernel.Pass(others); break;
            }
        }
    }

    /// <summary>Whether anybody here has a use for news of an entry.</summary>
    public static bool Concerns(Entry entry) => entry switch
    {
        // Neighbours that the kernel learns by itself come and go all the time.
        Neighbour neighbour => Ownership.IsOurDevice(neighbour.Device),
        // Settings of other devices are never planned.
        Sysctl { Device: { } device } => device == "all" || Ownership.IsOurDevice(device),
        _ => true,
    };

    private void Take(EntryChanged changed)
    {
        reconciler.Observed(changed.Entry.Key, changed.Gone ? null : changed.Entry);
        if (view.IsPublishedOf(changed.Entry)) underlayChanged();
    }
}
