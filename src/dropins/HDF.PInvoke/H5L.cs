using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using herr_t = System.Int32;
using hid_t = System.Int64;
using hsize_t = System.UInt64;
using htri_t = System.Int32;
using size_t = System.IntPtr;
using ssize_t = System.IntPtr;

namespace HDF.PInvoke;

/// <summary>Links (H5Lpublic.h).</summary>
public static partial class H5L
{
    public const hid_t SAME_LOC = 0;

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Ldelete", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t delete(hid_t loc_id, string name, hid_t lapl_id = H5P.DEFAULT);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Lexists", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial htri_t exists(hid_t loc_id, string name, hid_t lapl_id = H5P.DEFAULT);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Lget_name_by_idx"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial ssize_t get_name_by_idx(
        hid_t loc_id, byte[] group_name, H5.index_t idx_type, H5.iter_order_t order, hsize_t n, [In, Out] byte[]? name, size_t size, hid_t lapl_id = H5P.DEFAULT);
}
