using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.Interop;

/// <summary>
/// The functions of native/*.cpp. A tensor is a pointer that owns one reference. Functions that can fail return -1 or
/// null; <see cref="Check(int)"/> and its kin turn that into the exception that TorchSharp throws.
/// </summary>
internal static unsafe partial class Native
{
    private const string Library = "torchsharp_dropin";

    // The library is loaded by the first call, not here: what goes wrong then is the caller's exception as it is.
    static Native() =>
        NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, static (name, _, _) => name == Library ? ShimLocator.Load() : 0);

    // What managed code threw below the native call that is failing on this thread.
    [ThreadStatic] private static Exception? _cause;

    /// <summary>The exception for the call that has just failed on this thread.</summary>
    public static ExternalException LastError()
    {
        var message = Marshal.PtrToStringUTF8((nint)ht_last_error());
        var cause = Interlocked.Exchange(ref _cause, null);
        // Another message: that failure was dealt with on the way, and this is a later one.
        return cause?.Message == message ? new ExternalException(message, cause) : new ExternalException(message);
    }

    /// <summary>Leaves what managed code threw to the native code that called it: no exception crosses its frames.</summary>
    public static void SetError(Exception cause)
    {
        _cause = cause;
        ht_set_error(cause.Message ?? "");
    }

    public static void Check(int status)
    {
        if (status < 0) throw LastError();
    }

    public static nint CheckHandle(nint handle) => handle != 0 ? handle : throw LastError();

    /// <summary>For functions that may also return null in good order: they clear the error first.</summary>
    public static nint CheckOptional(nint handle) => handle != 0 || *ht_last_error() == 0 ? handle : throw LastError();

    // Operators
    [LibraryImport(Library)] public static partial nint ht_find_operator(byte* name, byte* overload);
    [LibraryImport(Library)] public static partial int ht_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity);
    [LibraryImport(Library)] public static partial void ht_free_array(nint* handles);
    [LibraryImport(Library)] public static partial byte* ht_last_error();

    // Tensors
    [LibraryImport(Library)] public static partial void ht_tensor_free(nint tensor);
    [LibraryImport(Library)] public static partial nint ht_tensor_share(nint tensor);
    [LibraryImport(Library)] public static partial long ht_tensor_dim(nint tensor);
    [LibraryImport(Library)] public static partial long ht_tensor_numel(nint tensor);
    [LibraryImport(Library)] public static partial void ht_tensor_sizes(nint tensor, long* sizes);
    [LibraryImport(Library)] public static partial int ht_tensor_strides(nint tensor, long* strides);
    [LibraryImport(Library)] public static partial long ht_tensor_storage_offset(nint tensor);
    [LibraryImport(Library)] public static partial int ht_tensor_dtype(nint tensor);
    [LibraryImport(Library)] public static partial long ht_tensor_device(nint tensor);
    [LibraryImport(Library)] public static partial int ht_tensor_is_contiguous(nint tensor);
    [LibraryImport(Library)] public static partial int ht_tensor_is_sparse(nint tensor);
    [LibraryImport(Library)] public static partial nint ht_tensor_data(nint tensor);
    [LibraryImport(Library)]
    public static partial nint ht_tensor_from_memory(
        void* data, long* sizes, int dims, int dtype, delegate* unmanaged<nint, void> done, nint context);

    // Gradients
    [LibraryImport(Library)] public static partial int ht_requires_grad(nint tensor);
    [LibraryImport(Library)] public static partial int ht_set_requires_grad(nint tensor, int value);
    [LibraryImport(Library)] public static partial int ht_is_leaf(nint tensor);
    [LibraryImport(Library)] public static partial int ht_retain_grad(nint tensor);
    [LibraryImport(Library)] public static partial nint ht_grad(nint tensor);
    [LibraryImport(Library)] public static partial int ht_set_grad(nint tensor, nint gradient);
    [LibraryImport(Library)]
    public static partial int ht_backward(
        nint* roots, long rootCount, nint* gradients, long gradientCount, int retainGraph, int createGraph, nint* inputs, long inputCount);
    [LibraryImport(Library)]
    public static partial int ht_autograd_grad(
        nint* outputs, long outputCount, nint* inputs, long inputCount, nint* gradients, long gradientCount,
        int retainGraph, int createGraph, int allowUnused, nint* results);
    [LibraryImport(Library)] public static partial int ht_grad_mode();
    [LibraryImport(Library)] public static partial void ht_set_grad_mode(int enabled);
    [LibraryImport(Library)] public static partial int ht_inference_mode();
    [LibraryImport(Library)] public static partial nint ht_enter_inference_mode(int enabled);
    [LibraryImport(Library)] public static partial void ht_leave_inference_mode(nint guard);
    [LibraryImport(Library)] public static partial int ht_anomaly_mode();
    [LibraryImport(Library)] public static partial int ht_anomaly_check_nan();
    [LibraryImport(Library)] public static partial void ht_set_anomaly_mode(int enabled, int checkNan);

    // Functions of the caller's own
    [LibraryImport(Library)]
    public static partial int ht_function_apply(
        nint* inputs, long inputCount, nint* outputs, long outputCount, nint* saved, long savedCount, nint* dirty, long dirtyCount,
        nint* nonDifferentiable, long nonDifferentiableCount, int materialize, nint function,
        delegate* unmanaged<nint, nint, nint*, long, nint*, int> backward, delegate* unmanaged<nint, void> released, nint* results);
    [LibraryImport(Library)] public static partial int ht_function_saved(nint context, nint* results, long capacity);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] public static partial void ht_set_error(string message);

    // Process-wide state
    [LibraryImport(Library)] public static partial int ht_num_threads();
    [LibraryImport(Library)] public static partial int ht_set_num_threads(int count);
    [LibraryImport(Library)] public static partial int ht_num_interop_threads();
    [LibraryImport(Library)] public static partial int ht_set_num_interop_threads(int count);
    [LibraryImport(Library)] public static partial int ht_cuda_device_count();
    [LibraryImport(Library)] public static partial void ht_manual_seed(long seed);
    [LibraryImport(Library)] public static partial nint ht_default_generator();
    [LibraryImport(Library)] public static partial nint ht_new_generator(ulong seed);
    [LibraryImport(Library)] public static partial void ht_generator_free(nint generator);
    [LibraryImport(Library)] public static partial long ht_generator_initial_seed(nint generator);
    [LibraryImport(Library)] public static partial void ht_generator_manual_seed(nint generator, long seed);
    [LibraryImport(Library)] public static partial long ht_generator_seed(nint generator);
    [LibraryImport(Library)] public static partial nint ht_generator_state(nint generator);
    [LibraryImport(Library)] public static partial int ht_generator_set_state(nint generator, nint state);
}
