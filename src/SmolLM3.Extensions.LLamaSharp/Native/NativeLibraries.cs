using System.Reflection;
using System.Runtime.InteropServices;
using LLama.Native;
using Microsoft.Extensions.Logging;

namespace SmolLM3.Extensions.LLamaSharp.Native;

/// <summary>Loads llama.cpp: once in a process, before anything else touches LLamaSharp, whose own search wants a CUDA
/// toolkit and cannot be tried again.</summary>
internal static class NativeLibraries
{
    // llama.cpp's, of every version so far.
    private const uint DefaultBatch = 2048;
    private const uint DefaultMicroBatch = 512;

    private static readonly Lock s_lock = new();
    private static NativeCandidate? s_loaded;

    /// <summary>Loads a backend, or finds the one that is loaded.</summary>
    /// <exception cref="LLamaSharpUnavailableException">None could be loaded. After an install or with other options it
    /// may be tried again, unless LLamaSharp itself could not use what was loaded: then all further tries fail.</exception>
    public static NativeCandidate Load(LLamaSharpOptions options, ILogger logger)
    {
        lock (s_lock)
        {
            s_loaded ??= NativeLibraryConfig.LLama.LibraryHasLoaded
                ? Start(new(LLamaSharpBackend.Auto, "what the program loaded", [""]))
                : LoadFirst(options, logger);
            if (options.Backend != LLamaSharpBackend.Auto && options.Backend != s_loaded.Backend)
            {
                logger.OtherBackend(s_loaded.Name, options.Backend);
            }

            if (options.LibraryDirectory is { } asked
                && !s_loaded.Library.StartsWith(
                    Path.TrimEndingDirectorySeparator(Path.GetFullPath(asked)) + Path.DirectorySeparatorChar,
                    StringComparison.Ordinal))
            {
                logger.OtherDirectory(s_loaded.Library, asked);
            }

            return s_loaded;
        }
    }

    private static NativeCandidate LoadFirst(LLamaSharpOptions options, ILogger logger)
    {
        string[] directories = options.LibraryDirectory is { } own ? [Path.GetFullPath(own)] : Beside();
        NativeSelection selection = new(NativePlatform.Detect(), directories, File.Exists);
        List<string> failures = [];
        foreach (NativeCandidate candidate in selection.Find(options.Backend))
        {
            if (TryLoad(candidate) is not { } reason)
            {
                NativeLibraryConfig.LLama.WithLibrary(candidate.Library).WithAutoFallback(false);
                return Start(candidate);
            }

            logger.NotLoaded(candidate.Library, reason);
            failures.Add($"{candidate.Library}: {reason}");
        }

        throw new LLamaSharpUnavailableException(failures.Count == 0
            ? selection.Explain(options.Backend)
            : "llama.cpp could not be loaded. " + string.Join(" ", failures) + " Install what is missing there (on "
                + "Linux often libgomp1, or the CUDA 12 runtime), or choose another backend.");
    }

    // Loaded here, one by one, each library says itself what is wrong with it; a later load by name finds them.
    private static string? TryLoad(NativeCandidate candidate)
    {
        Stack<nint> loaded = [];
        foreach (string library in candidate.Libraries)
        {
            try
            {
                loaded.Push(NativeLibrary.Load(library));
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                // Left behind, they would serve the next candidate, whose own have the same names.
                foreach (nint handle in loaded)
                {
                    NativeLibrary.Free(handle);
                }

                return $"{Path.GetFileName(library)}: {error.Message}";
            }
        }

        return null;
    }

    // LLamaSharp starts once: where that failed, it fails in the same way until the process ends.
    private static NativeCandidate Start(NativeCandidate candidate)
    {
        try
        {
            NativeApi.llama_empty_call();
        }
        catch (TypeInitializationException error)
        {
            throw new LLamaSharpUnavailableException(
                $"LLamaSharp cannot use {(candidate.Library.Length > 0 ? candidate.Library : candidate.Name)}: "
                + $"{error.GetBaseException().Message} The library and the package LLamaSharp must be of the same version. "
                + "Mend that and restart the program.", error);
        }

        // Structures are passed as they lie in memory: those of another version would be misread without a word.
        LLamaContextParams known = LLamaContextParams.Default();
        return (known.n_batch, known.n_ubatch) == (DefaultBatch, DefaultMicroBatch)
            ? candidate
            : throw new LLamaSharpUnavailableException(
                $"{candidate.Library} is not of the version that LLamaSharp was made for. Use the backend package of the same "
                + "version, and restart the program.");
    }

    private static string[] Beside()
    {
        string? assembly = Path.GetDirectoryName(AssemblyPath());
        return assembly is null || assembly == Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)
            ? [AppContext.BaseDirectory]
            : [AppContext.BaseDirectory, assembly];
    }

    // Empty in a program that is one file.
    [System.Diagnostics.CodeAnalysis.UnconditionalSuppressMessage(
        "SingleFile", "IL3000", Justification = "An empty path is left out.")]
    private static string? AssemblyPath() =>
        Assembly.GetExecutingAssembly().Location is { Length: > 0 } path ? path : null;
}
