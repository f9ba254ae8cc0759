using System.Runtime.InteropServices;

namespace Causeway.Linux.Native;

/// <summary>posix_spawn and waiting. What cannot fail with valid arguments returns nothing here.</summary>
internal static unsafe partial class Libc
{
    public const short SpawnSetSignalDefault = 0x04;
    public const short SpawnSetSignalMask = 0x08;
    public const short SpawnSetSession = 0x80;

    /// <summary>Above the size of posix_spawnattr_t (336), posix_spawn_file_actions_t (80) and sigset_t
    /// (128).</summary>
    public const int OpaqueSize = 512;

    public const int WaitAll = 0;
    public const int WaitPid = 1;
    public const int WaitExited = 4;
    public const int WaitNoHang = 1;
    public const int WaitNoReap = 0x0100_0000;
    public const int ChildExited = 1; // CLD_EXITED; other codes are deaths by signal
    public const int SetChildSubreaper = 36; // PR_SET_CHILD_SUBREAPER

    [LibraryImport(Name, EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport(Name, EntryPoint = "posix_spawn")]
    public static partial int Spawn(
        int* pid, byte* path, void* actions, void* attributes, byte** argv, byte** envp);

    [LibraryImport(Name, EntryPoint = "posix_spawnp")]
    public static partial int SpawnSearched(
        int* pid, byte* file, void* actions, void* attributes, byte** argv, byte** envp);

    [LibraryImport(Name, EntryPoint = "posix_spawnattr_init")]
    public static partial void AttributesInit(void* attributes);

    [LibraryImport(Name, EntryPoint = "posix_spawnattr_destroy")]
    public static partial void AttributesDestroy(void* attributes);

    [LibraryImport(Name, EntryPoint = "posix_spawnattr_setflags")]
    public static partial void AttributesSetFlags(void* attributes, short flags);

    [LibraryImport(Name, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial void AttributesSetSignalDefault(void* attributes, void* set);

    [LibraryImport(Name, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial void AttributesSetSignalMask(void* attributes, void* set);

    [LibraryImport(Name, EntryPoint = "sigemptyset")]
    public static partial void SignalsEmpty(void* set);

    [LibraryImport(Name, EntryPoint = "sigfillset")]
    public static partial void SignalsFill(void* set);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial void ActionsInit(void* actions);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial void ActionsDestroy(void* actions);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int ActionsDuplicate(void* actions, int fd, int target);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_addclose")]
    public static partial int ActionsClose(void* actions, int fd);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    public static partial int ActionsCloseFrom(void* actions, int first);

    [LibraryImport(Name, EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    public static partial int ActionsChangeDirectory(void* actions, byte* path);

    [LibraryImport(Name, EntryPoint = "waitid", SetLastError = true)]
    public static partial int Wait(int kind, int id, SignalInfo* info, int options);

    [LibraryImport(Name, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport(Name, EntryPoint = "prctl", SetLastError = true)]
    public static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);
}

/// <summary>siginfo_t as waitid fills it, on 64-bit Linux.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct SignalInfo
{
    [FieldOffset(8)] public int Code;
    [FieldOffset(16)] public int Pid;
    [FieldOffset(24)] public int Status;
}
