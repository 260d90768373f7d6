using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using hid_t = System.Int64;
using htri_t = System.Int32;

namespace HDF.PInvoke;

/// <summary>Identifiers (H5Ipublic.h).</summary>
public static partial class H5I
{
    public enum type_t
    {
        UNINIT = -2,
        BADID = -1,
        FILE = 1,
        GROUP,
        DATATYPE,
        DATASPACE,
        DATASET,
        ATTR,
        REFERENCE,
        VFL,
        GENPROP_CLS,
        GENPROP_LST,
        ERROR_CLASS,
        ERROR_MSG,
        ERROR_STACK,
        NTYPES,
    }

    public const hid_t H5I_INVALID_HID = -1;

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Iget_ref"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int get_ref(hid_t obj_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Iget_type"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial type_t get_type(hid_t obj_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Iis_valid"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial htri_t is_valid(hid_t obj_id);
}
