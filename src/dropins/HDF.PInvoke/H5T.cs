using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using herr_t = System.Int32;
using hid_t = System.Int64;
using htri_t = System.Int32;
using size_t = System.IntPtr;

namespace HDF.PInvoke;

/// <summary>Datatypes (H5Tpublic.h).</summary>
public static partial class H5T
{
    public static readonly IntPtr VARIABLE = new(-1);

    public enum class_t
    {
        NO_CLASS = -1,
        INTEGER = 0,
        FLOAT = 1,
        TIME = 2,
        STRING = 3,
        BITFIELD = 4,
        OPAQUE = 5,
        COMPOUND = 6,
        REFERENCE = 7,
        ENUM = 8,
        VLEN = 9,
        ARRAY = 10,
        NCLASSES,
    }

    public enum order_t
    {
        ERROR = -1,
        LE = 0,
        BE = 1,
        VAX = 2,
        MIXED = 3,
        ONE = 4,
    }

    public enum sign_t
    {
        ERROR = -1,
        NONE = 0,
        SGN_2 = 1,
        NSGN = 2,
    }

    public enum cset_t
    {
        ERROR = -1,
        ASCII = 0,
        UTF8 = 1,
    }

    public enum str_t
    {
        ERROR = -1,
        NULLTERM = 0,
        NULLPAD = 1,
        SPACEPAD = 2,
    }

    public static hid_t IEEE_F32BE => NativeLibraryResolver.Global("H5T_IEEE_F32BE_g");
    public static hid_t IEEE_F32LE => NativeLibraryResolver.Global("H5T_IEEE_F32LE_g");
    public static hid_t IEEE_F64BE => NativeLibraryResolver.Global("H5T_IEEE_F64BE_g");
    public static hid_t IEEE_F64LE => NativeLibraryResolver.Global("H5T_IEEE_F64LE_g");
    public static hid_t STD_I8BE => NativeLibraryResolver.Global("H5T_STD_I8BE_g");
    public static hid_t STD_I8LE => NativeLibraryResolver.Global("H5T_STD_I8LE_g");
    public static hid_t STD_I16BE => NativeLibraryResolver.Global("H5T_STD_I16BE_g");
    public static hid_t STD_I16LE => NativeLibraryResolver.Global("H5T_STD_I16LE_g");
    public static hid_t STD_I32BE => NativeLibraryResolver.Global("H5T_STD_I32BE_g");
    public static hid_t STD_I32LE => NativeLibraryResolver.Global("H5T_STD_I32LE_g");
    public static hid_t STD_I64BE => NativeLibraryResolver.Global("H5T_STD_I64BE_g");
    public static hid_t STD_I64LE => NativeLibraryResolver.Global("H5T_STD_I64LE_g");
    public static hid_t STD_U8BE => NativeLibraryResolver.Global("H5T_STD_U8BE_g");
    public static hid_t STD_U8LE => NativeLibraryResolver.Global("H5T_STD_U8LE_g");
    public static hid_t STD_U16BE => NativeLibraryResolver.Global("H5T_STD_U16BE_g");
    public static hid_t STD_U16LE => NativeLibraryResolver.Global("H5T_STD_U16LE_g");
    public static hid_t STD_U32BE => NativeLibraryResolver.Global("H5T_STD_U32BE_g");
    public static hid_t STD_U32LE => NativeLibraryResolver.Global("H5T_STD_U32LE_g");
    public static hid_t STD_U64BE => NativeLibraryResolver.Global("H5T_STD_U64BE_g");
    public static hid_t STD_U64LE => NativeLibraryResolver.Global("H5T_STD_U64LE_g");
    public static hid_t C_S1 => NativeLibraryResolver.Global("H5T_C_S1_g");
    public static hid_t NATIVE_SCHAR => NativeLibraryResolver.Global("H5T_NATIVE_SCHAR_g");
    public static hid_t NATIVE_UCHAR => NativeLibraryResolver.Global("H5T_NATIVE_UCHAR_g");
    public static hid_t NATIVE_SHORT => NativeLibraryResolver.Global("H5T_NATIVE_SHORT_g");
    public static hid_t NATIVE_USHORT => NativeLibraryResolver.Global("H5T_NATIVE_USHORT_g");
    public static hid_t NATIVE_INT => NativeLibraryResolver.Global("H5T_NATIVE_INT_g");
    public static hid_t NATIVE_UINT => NativeLibraryResolver.Global("H5T_NATIVE_UINT_g");
    public static hid_t NATIVE_LONG => NativeLibraryResolver.Global("H5T_NATIVE_LONG_g");
    public static hid_t NATIVE_ULONG => NativeLibraryResolver.Global("H5T_NATIVE_ULONG_g");
    public static hid_t NATIVE_LLONG => NativeLibraryResolver.Global("H5T_NATIVE_LLONG_g");
    public static hid_t NATIVE_ULLONG => NativeLibraryResolver.Global("H5T_NATIVE_ULLONG_g");
    public static hid_t NATIVE_FLOAT => NativeLibraryResolver.Global("H5T_NATIVE_FLOAT_g");
    public static hid_t NATIVE_DOUBLE => NativeLibraryResolver.Global("H5T_NATIVE_DOUBLE_g");
    public static hid_t NATIVE_INT8 => NativeLibraryResolver.Global("H5T_NATIVE_INT8_g");
    public static hid_t NATIVE_UINT8 => NativeLibraryResolver.Global("H5T_NATIVE_UINT8_g");
    public static hid_t NATIVE_INT16 => NativeLibraryResolver.Global("H5T_NATIVE_INT16_g");
    public static hid_t NATIVE_UINT16 => NativeLibraryResolver.Global("H5T_NATIVE_UINT16_g");
    public static hid_t NATIVE_INT32 => NativeLibraryResolver.Global("H5T_NATIVE_INT32_g");
    public static hid_t NATIVE_UINT32 => NativeLibraryResolver.Global("H5T_NATIVE_UINT32_g");
    public static hid_t NATIVE_INT64 => NativeLibraryResolver.Global("H5T_NATIVE_INT64_g");
    public static hid_t NATIVE_UINT64 => NativeLibraryResolver.Global("H5T_NATIVE_UINT64_g");

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tclose"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t close(hid_t type_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tcopy"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial hid_t copy(hid_t type_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tequal"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial htri_t equal(hid_t type_id1, hid_t type_id2);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tget_class"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial class_t get_class(hid_t dtype_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tget_cset"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial cset_t get_cset(hid_t dtype_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tget_order"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial order_t get_order(hid_t dtype_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tget_sign"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial sign_t get_sign(hid_t dtype_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tget_size"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial size_t get_size(hid_t dtype_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tget_strpad"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial str_t get_strpad(hid_t dtype_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tis_variable_str"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial htri_t is_variable_str(hid_t dtype_id);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tset_cset"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_cset(hid_t dtype_id, cset_t cset);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tset_ebias"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_ebias(hid_t dtype_id, size_t ebias);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tset_fields"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_fields(hid_t dtype_id, size_t spos, size_t epos, size_t esize, size_t mpos, size_t msize);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tset_size"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_size(hid_t dtype_id, size_t size);

    [LibraryImport(Constants.DLLFileName, EntryPoint = "H5Tset_strpad"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial herr_t set_strpad(hid_t dtype_id, str_t strpad);
}
