using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using hbool_t = System.UInt32;
using herr_t = System.Int32;
using hsize_t = System.UInt64;

namespace HDF.PInvoke;

/// <summary>The library as a whole (H5public.h).</summary>
public static partial class H5
{
    public const hsize_t HSIZE_UNDEF = ulong.MaxValue;
    public const hsize_t HADDR_UNDEF = ulong.MaxValue;

    public enum iter_order_t : int
    {
        UNKNOWN = -1,
        INC,
        DEC,
        NATIVE,
        N,
    }

    public enum index_t : int
    {
        UNKNOWN = -1,
        NAME,
        CRT_ORDER,
        N,
    }

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5open"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t open();

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5close"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t close();

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5dont_atexit"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t dont_atexit();

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5garbage_collect"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t garbage_collect();

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5get_libversion"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t get_libversion(ref uint majnum, ref uint minnum, ref uint relnum);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5is_library_threadsafe"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t is_library_threadsafe(ref hbool_t is_ts);
}
