"""The texts of `pfdicom_tagSub`: its synopsis, its manual, and the pieces that wrappers import."""

from typing import Final

from dicomveil.version import __version__

DESCRIPTION: Final = f"""
pfdicom_tagSub, as dicomveil {__version__} carries it out

Walks down a directory tree and substitutes values of DICOM tags, saving each file in an output
tree that has the shape of the input. This is substitution, not de-identification: nothing is
proven, and Patient Identity Removed is never written. `dicomveil deid` de-identifies.
"""

PACKAGE_CLI_SELF: Final = """
        [-T|--tagStruct <JSONtagStructure>]                                     \\
        [-F|--tagFile <JSONtagFile>]                                            \\
        [-n|--tagInfo <delimited_parameters>]                                   \\
        [-s|--splitToken <split_token>]                                         \\
        [-k|--splitKeyValue <keyValueSplit>]                                    \\
        [--removePrivateTags]                                                   \\"""

PACKAGE_CLI_CORE: Final = """
        [-e|--fileFilter <someFilter1,someFilter2,...>]                         \\
        [--fileFilterLogic AND|OR]                                              \\
        [--dirFilter <someFilter1,someFilter2,...>]                             \\
        [--dirFilterLogic AND|OR]                                               \\
        [--maxDepth <dirDepth>]                                                 \\
        [--inputFile <inputFile>]                                               \\
        [--relativeDir]                                                         \\
        [--overwrite]                                                           \\
        [--followLinks]                                                         \\
        [--outputLeafDir <outputLeafDirFormat>]                                 \\
        [--outputFileStem <stem>]                                               \\
        [--threads <numThreads>]                                                \\
        [--verbosity <level>] [--syslog] [--printElapsedTime] [--json]          \\
        [--man] [--synopsis] [--version]
"""

PACKAGE_CLI_IO: Final = """
        -I|--inputDir <inputDir>                                                \\
        [--outputDir <outputDir>]                                               \\"""

PACKAGE_CLI_PLUGIN: Final = """
        <inputDir>                                                              \\
        <outputDir>                                                             \\"""

SYNOPSIS_IO: Final = """
        -I|--inputDir <inputDir>
        Input directory to examine: all of it is walked. Default: the current one.

        [--outputDir <outputDir>]
        The root of the output. Each file lies below it under the input directory's
        own path, as that was given, and its path in there. Default: the current
        directory; that is refused where it would overwrite the input, unless
        --overwrite allows it.
"""

SYNOPSIS_PLUGIN: Final = """
        <inputDir>
        The input directory, a positional argument of plugins.

        <outputDir>
        The output directory, a positional argument of plugins.
"""

SYNOPSIS_CORE: Final = """
        [--maxDepth <dirDepth>]
        How deep to go: 0 for the input directory's own files, 1 for those of its
        folders too. Default: -1, all.

        [--relativeDir]
        Do not repeat the input directory's path below the output directory.

        [--inputFile <inputFile>]
        Convert only this file, relative to the input directory. Where there is no
        such file: only files with this text in their path.

        [-e|--fileFilter <someFilter1,someFilter2,...>] [--fileFilterLogic AND|OR]
        Convert only files with any (OR) or all (AND) of these texts in their names.

        [--dirFilter <someFilter1,someFilter2,...>] [--dirFilterLogic AND|OR]
        Convert only files in directories with these texts in their paths.

        [--outputLeafDir <outputLeafDirFormat>]
        Call each directory that holds files by this format, 'anon-%s' for example.

        [--outputFileStem <stem>]
        Name each file by this template, '%Modality-%InstanceNumber' for example;
        its extension stays. The original values are taken.

        [--followLinks]
        Follow symbolic links to directories. Links to files are always followed.

        [--overwrite]
        Allow the input itself to be overwritten. Files of an earlier output are
        always replaced.

        [--threads <numThreads>]
        Work with so many processes. Default: 0, which is one.

        [--verbosity <level>]
        0: nothing; 1: start, stop and summary; 2: how far it is; 5: each file.

        [--syslog] [--printElapsedTime] [--json]
        Lines in the style of syslog; the time it took; the result as one JSON object.

        [--man] [--synopsis] [--version]
        Full help, brief help, the version.
"""

SYNOPSIS_SELF: Final = """
        [-T|--tagStruct <JSONtagStructure>]
        The substitutions: a JSON object of keys and values.

        [-F|--tagFile <JSONtagFile>]
        The same in a file.

        [-n|--tagInfo <delimited_parameters>]
        The same as pairs: "<tag1><splitKeyValue><value1><splitToken><tag2>...".

        [-s|--splitToken <split_token>]
        What stands between pairs. Default: '++'.

        [-k|--splitKeyValue <keyValueSplit>]
        What stands between key and value. Default: the first ',' of a pair or, if it
        has none, the first ':' that is not that of 're:'.

        [--removePrivateTags]
        Remove all private elements, in sequences too.
"""

SYNOPSIS_NEW: Final = """
    NEW IN DICOMVEIL

        [--jobs <numProcesses>]      the same as --threads
        [--tree old|documented]      whether the input's path is repeated in the output
        [--paths]                    keys may be (gggg,eeee), (gggg,[CREATOR]ee) and paths:
                                     "RequestAttributesSequence > ScheduledProcedureStepID"
        [--fit]                      cut results that do not fit their VR
        [--key-file <file>]          the key of %_hmac|N_Tag
        [--dry-run] [--values]       print before and after of each value, write nothing
        [--report <file>]            write what was changed where: never values
        [--resume]                   finish an interrupted run
        [--private <dir>]            where its journal and private report are kept
        [--show-paths]               name files in messages by their paths
"""

TAG_PROCESSING: Final = """

    STRING PROCESSING ON TAG VALUES

    A value is text. In it, %Tag is the original value of that tag, and
    %_<function>|<argument>_<Tag> is what a function makes of it:

        %_name|patientID_PatientName
        A name that nobody bears, the same for the same PatientID.

        %_md5|7_PatientID
        The first 7 characters of the MD5 of the value.

        %_hmac|7_PatientID
        The same of an HMAC under the key of --key-file, which no dictionary reverses.

        %_strmsk|******01_PatientBirthDate
        The value under a mask: * keeps a character, any other takes its place.

        %_nospc|-_ProtocolName
        The words of the value with this between them.

    Functions can be chained, and are applied from left to right. In the value of a
    key that is a regular expression, "re:.*hysician", #tag is the tag that was hit.
"""

EXAMPLES: Final = """
    EXAMPLE

        pfdicom_tagSub                                                          \\
            --fileFilter dcm                                                    \\
            --inputDir /var/www/html/normsmall                                  \\
            --outputDir /var/www/html/anon                                      \\
            --tagStruct '
            {
                "PatientName":              "%_name|patientID_PatientName",
                "PatientID":                "%_md5|7_PatientID",
                "AccessionNumber":          "%_md5|8_AccessionNumber",
                "PatientBirthDate":         "%_strmsk|******01_PatientBirthDate",
                "re:.*hysician":            "%_md5|4_#tag",
                "re:.*stitution":           "#tag",
                "re:.*ddress":              "#tag"
            }
            ' --threads 0 --printElapsedTime
"""

EXIT_CODES: Final = """
    EXIT CODES

        0  every file was delivered        3  some were not, or nothing was
        2  the command line is wrong       4  refused before anything was written
"""

PACKAGE_CLI_DS: Final = PACKAGE_CLI_SELF + PACKAGE_CLI_PLUGIN + PACKAGE_CLI_CORE
PACKAGE_SYNOPSIS_DS: Final = SYNOPSIS_PLUGIN + SYNOPSIS_CORE + SYNOPSIS_SELF


def synopsis() -> str:
    """The brief help."""
    flags = PACKAGE_CLI_SELF + PACKAGE_CLI_IO + PACKAGE_CLI_CORE
    return (
        f"\n    NAME\n\n        pfdicom_tagSub\n\n    SYNOPSIS\n\n        pfdicom_tagSub \\{flags}"
    )


def manual() -> str:
    """The full help."""
    arguments = SYNOPSIS_IO + SYNOPSIS_CORE + SYNOPSIS_SELF
    rest = SYNOPSIS_NEW + TAG_PROCESSING + EXAMPLES + EXIT_CODES
    return f"{synopsis()}{DESCRIPTION}\n    ARGS\n{arguments}{rest}"


def version() -> str:
    """The two lines that `--version` prints."""
    return f"Name:    pfdicom_tagSub\nVersion: {__version__} (dicomveil)"
