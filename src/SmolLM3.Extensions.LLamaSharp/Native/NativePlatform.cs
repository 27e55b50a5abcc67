using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace SmolLM3.Extensions.LLamaSharp.Native;

/// <summary>What decides which native libraries fit this machine.</summary>
/// <param name="Rid">The folder of the packages: <c>linux-x64</c>, <c>win-x64</c>, <c>osx-arm64</c> …</param>
/// <param name="Prefix">What a library's file name begins with.</param>
/// <param name="Extension">What it ends with.</param>
/// <param name="CpuLevels">Folders of CPU builds this processor runs, the fastest first; empty where there is only
/// one build.</param>
/// <param name="HasCuda">Whether an NVIDIA driver is there; the CUDA toolkit is not needed.</param>
/// <param name="HasVulkan">Whether a Vulkan loader is there.</param>
internal sealed record NativePlatform(
    string Rid, string Prefix, string Extension, IReadOnlyList<string> CpuLevels, bool HasCuda, bool HasVulkan)
{
    /// <summary>Whether the one build computes on Metal too.</summary>
    public bool HasMetal => Rid == "osx-arm64";

    /// <summary>This machine.</summary>
    public static NativePlatform Detect()
    {
        bool isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        string architecture = isArm ? "arm64" : "x64";
        return OperatingSystem.IsWindows()
            ? new($"win-{architecture}", "", ".dll", Levels(), CanLoad("nvcuda.dll"), CanLoad("vulkan-1.dll"))
            : OperatingSystem.IsMacOS()
                ? new($"osx-{architecture}", "lib", ".dylib", MacLevels(), HasCuda: false, HasVulkan: false)
                : new(
                    $"linux{(IsMusl() ? "-musl" : "")}-{architecture}", "lib", ".so", Levels(), CanLoad("libcuda.so.1"),
                    CanLoad("libvulkan.so.1"));
    }

    /// <summary>The file name of a library.</summary>
    public string FileName(string library) => Prefix + library + Extension;

    // Linux builds called avx512 need no more than its foundation, but Windows builds are made for all of these.
    private static string[] Levels() => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? [] :
    [
        .. Avx512BW.IsSupported && Avx512Vbmi.IsSupported && HasVnni() ? (string[])["avx512"] : [],
        .. Avx2.IsSupported ? (string[])["avx2"] : [],
        .. Avx.IsSupported ? (string[])["avx"] : [],
        "noavx",
    ];

    // A program for Intel on Apple silicon has no AVX, which the usual Intel build needs.
    private static string[] MacLevels() =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 || Avx.IsSupported ? [] : ["rosetta2"];

    // CPUID leaf 7, ECX bit 11.
    private static bool HasVnni() => X86Base.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;

    private static bool IsMusl() =>
        RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.OrdinalIgnoreCase)
        || RuntimeInformation.RuntimeIdentifier.StartsWith("alpine", StringComparison.OrdinalIgnoreCase);

    private static bool CanLoad(string library)
    {
        if (!NativeLibrary.TryLoad(library, out nint handle))
        {
            return false;
        }

        NativeLibrary.Free(handle);
        return true;
    }
}
