using Causeway.Lab.ApiServer.Accounts;
using Causeway.Lab.ApiServer.Allocation;
using Causeway.Lab.ApiServer.CustomResources;
using Causeway.Lab.ApiServer.Resources;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Store;

namespace Causeway.Lab.ApiServer;

/// <summary>What every part of one running server shares.</summary>
internal sealed class ServerContext(ApiServerOptions options, ObjectStore store)
{
    private readonly Lock _gate = new();
    private readonly Random _random = options.Seed is { } seed ? new Random(seed)
        : new Random(Guid.NewGuid().GetHashCode());
    private Collection? _definitions;
    private ResourceCatalog _catalog = new([], SchemaRegistry.BuiltIn);

    public ApiServerOptions Options => options;

    public ObjectStore Store => store;

    /// <summary>Cluster addresses and node ports.</summary>
    public ServiceAllocator Services { get; } = new(options.ServiceRanges, store.State["services"]);

    /// <summary>Null where there are no service accounts.</summary>
    public AccountTokens? Tokens { get; } = options.Accounts is { } accounts
        ? new(accounts.PrivateKeyPem, accounts.Issuer) : null;

    public DateTimeOffset Now => options.TimeProvider.GetUtcNow();

    /// <summary>
    /// What is served now: a function of the CustomResourceDefinitions in the store, so that a definition
    /// is in force for the request after the one that wrote it.
    /// </summary>
    public ResourceCatalog Catalog
    {
        get
        {
            var definitions = store.State[BuiltInResources.CustomResourceDefinitions.StorageKey];
            lock (_gate)
            {
                if (ReferenceEquals(definitions, _definitions)) return _catalog;
                _definitions = definitions;
                return _catalog = DefinitionReader.Catalog(definitions.List(null));
            }
        }
    }

    /// <summary>A random version 4 uid (RFC 9562).</summary>
    public string NewUid()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_gate) _random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>Five characters that form no words, as generated names end in.</summary>
    public string NewSuffix()
    {
        const string alphabet = "bcdfghjklmnpqrstvwxz2456789";
        lock (_gate) return new string(_random.GetItems<char>(alphabet, 5));
    }
}
