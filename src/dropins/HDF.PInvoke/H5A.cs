using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using herr_t = System.Int32;
using hid_t = System.Int64;
using hsize_t = System.UInt64;
using htri_t = System.Int32;

namespace HDF.PInvoke;

/// <summary>Attributes (H5Apublic.h).</summary>
public static partial class H5A
{
    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Aclose"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t close(hid_t attr_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Acreate2", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t create(
        hid_t loc_id, string attr_name, hid_t type_id, hid_t space_id, hid_t acpl_id = H5P.DEFAULT, hid_t aapl_id = H5P.DEFAULT);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Adelete", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t delete(hid_t loc_id, string name);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Aexists", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial htri_t exists(hid_t obj_id, string attr_name);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Aget_space"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t get_space(hid_t attr_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Aget_storage_size"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hsize_t get_storage_size(hid_t attr_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Aget_type"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t get_type(hid_t attr_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Aopen", StringMarshalling = StringMarshalling.Utf8), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t open(hid_t obj_id, string attr_name, hid_t aapl_id = H5P.DEFAULT);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Aread"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t read(hid_t attr_id, hid_t type_id, IntPtr buf);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Awrite"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t write(hid_t attr_id, hid_t mem_type_id, IntPtr buf);
}
