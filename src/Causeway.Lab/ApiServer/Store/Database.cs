using Causeway.Core;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Causeway.Lab.ApiServer.Store;

/// <summary>
/// The store's file: one SQLite database in WAL mode, held exclusively. A commit survives the end of the
/// process at any moment (synchronous=NORMAL; what a power cut may take with it are the last commits, never
/// consistency). Not thread-safe.
/// </summary>
internal sealed class Database : IDisposable
{
    private const int PageSize = 4096;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _put;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _revision;

    /// <exception cref="InputException">The file cannot be used; says why.</exception>
    public Database(string path, long? limit)
    {
        Path = path;
        _connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false,
            DefaultTimeout = 1 }.ToString());
        try
        {
            _connection.Open();
            Execute("PRAGMA locking_mode=EXCLUSIVE");
            Execute("PRAGMA busy_timeout=0");
            Execute("PRAGMA journal_mode=WAL");
            Execute("PRAGMA synchronous=NORMAL");
            if (limit is { } bytes) Execute($"PRAGMA max_page_count={Math.Max(16, bytes / PageSize)}");
            Execute("""
                CREATE TABLE IF NOT EXISTS objects(
                    resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
                    revision INTEGER NOT NULL, json BLOB NOT NULL,
                    PRIMARY KEY(resource, namespace, name)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS revision(one INTEGER PRIMARY KEY CHECK(one = 1),
                    value INTEGER NOT NULL);
                INSERT OR IGNORE INTO revision VALUES(1, 1);
                """);
        }
        catch (SqliteException e)
        {
            _connection.Dispose();
            throw new InputException($"cannot open the store {path}: {Explain(e)}", e);
        }
        _put = Prepare("""
            INSERT INTO objects VALUES($a, $b, $c, $d, $e)
            ON CONFLICT DO UPDATE SET revision = excluded.revision, json = excluded.json
            """, 5);
        _delete = Prepare("DELETE FROM objects WHERE resource = $a AND namespace = $b AND name = $c", 3);
        _revision = Prepare("UPDATE revision SET value = $a", 1);
    }

    public string Path { get; }

    public StoreState Load()
    {
        var state = StoreState.Empty with { Revision = (long)Scalar("SELECT value FROM revision")! };
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT resource, namespace, name, revision, json FROM objects";
        using var reader = command.ExecuteReader();
        Dictionary<string, string> interned = new(StringComparer.Ordinal);
        while (reader.Read())
        {
            var resource = reader.GetString(0);
            if (!interned.TryAdd(resource, resource)) resource = interned[resource];
            ObjectKey key = new(resource, reader.GetString(1), reader.GetString(2));
            state = state.With(key, new(key, reader.GetInt64(3), reader.GetFieldValue<byte[]>(4)));
        }
        return state;
    }

    /// <summary>All of them, or, with an exception, none.</summary>
    public void Commit(IReadOnlyList<StoreEvent> events)
    {
        using var transaction = _connection.BeginTransaction();
        foreach (var entry in events)
        {
            if (entry.New is { } value) Run(_put, transaction, value);
            else Run(_delete, transaction, entry.Key);
        }
        _revision.Transaction = transaction;
        _revision.Parameters[0].Value = events[^1].Revision;
        _revision.ExecuteNonQuery();
        transaction.Commit();
    }

    public static bool IsFull(SqliteException e) => e.SqliteErrorCode == raw.SQLITE_FULL
        || (e.SqliteErrorCode == raw.SQLITE_IOERR && e.SqliteExtendedErrorCode == raw.SQLITE_IOERR_WRITE);

    public static string Explain(SqliteException e) => e.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another API server has it open",
        raw.SQLITE_CANTOPEN => "the file cannot be created or opened; does its folder exist, and is it yours?",
        raw.SQLITE_NOTADB => "it is not a SQLite database",
        raw.SQLITE_CORRUPT => "it is damaged; remove it to begin with an empty cluster",
        raw.SQLITE_READONLY => "it is read-only",
        _ => e.Message,
    };

    public void Dispose()
    {
        _put.Dispose();
        _delete.Dispose();
        _revision.Dispose();
        _connection.Dispose();
    }

    private static void Run(SqliteCommand command, SqliteTransaction transaction, StoredObject value)
    {
        command.Parameters[3].Value = value.Revision;
        command.Parameters[4].Value = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(value.Json,
            out var all)
            ? all.Array : value.Json.ToArray();
        Run(command, transaction, value.Key);
    }

    private static void Run(SqliteCommand command, SqliteTransaction transaction, ObjectKey key)
    {
        command.Transaction = transaction;
        command.Parameters[0].Value = key.Resource;
        command.Parameters[1].Value = key.Namespace;
        command.Parameters[2].Value = key.Name;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string text, int parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        for (var i = 0; i < parameters; i++)
            command.Parameters.Add(new SqliteParameter("$" + (char)('a' + i), value: null));
        return command;
    }

    private void Execute(string text)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private object? Scalar(string text)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
